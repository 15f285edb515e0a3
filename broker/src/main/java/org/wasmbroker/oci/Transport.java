package org.wasmbroker.oci;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.tls.TlsTrust;
import org.wasmbroker.url.HttpUrl;

/**
 * Sends one request, as it is, and gives its response. Of Apache's HttpClient this uses
 * connections, TLS and the HTTP/1.1 parser, and nothing that it would do by itself: no redirects,
 * cookies, authentication, decompression, upgrades or repetitions.
 */
final class Transport implements AutoCloseable {
  private static final int MAX_HEADER_LINE = 16 << 10;
  private static final int MAX_HEADERS = 100;
  private static final int MAX_CONNECTIONS = 8;
  private static final int MAX_REASON_LENGTH = 200;

  private final CloseableHttpClient client;

  /**
   * @throws IllegalArgumentException if the extra certificates or the proxy cannot be used
   */
  Transport(OciConfig config, Map<String, String> environment) {
    var limits = config.limits();
    var proxies = ProxyRules.of(config.proxy(), environment);
    client =
        HttpClients.custom()
            .setConnectionManager(connections(config))
            .setRoutePlanner(new Routes(proxies))
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(Timeout.of(limits.silence()))
                    .setConnectionRequestTimeout(Timeout.of(limits.exchange()))
                    .setProtocolUpgradeEnabled(false)
                    .setExpectContinueEnabled(false)
                    .build())
            .setUserAgent("wasm-broker")
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .disableConnectionState()
            .build();
  }

  private static HttpClientConnectionManager connections(OciConfig config) {
    var limits = config.limits();
    var http =
        Http1Config.custom()
            .setMaxLineLength(MAX_HEADER_LINE)
            .setMaxHeaderCount(MAX_HEADERS)
            .build();
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setConnectionFactory(
            ManagedHttpClientConnectionFactory.builder().http1Config(http).build())
        .setTlsSocketStrategy(
            ClientTlsStrategyBuilder.create()
                .setSslContext(TlsTrust.sslContext(config.extraCa(), "registry.oci-extra-ca"))
                .setHostVerificationPolicy(HostnameVerificationPolicy.BUILTIN)
                .buildClassic())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(limits.connect()))
                .setSocketTimeout(Timeout.of(limits.silence()))
                .setIdleTimeout(Timeout.ofSeconds(20))
                .setValidateAfterInactivity(TimeValue.ofMilliseconds(100))
                .build())
        .setMaxConnTotal(MAX_CONNECTIONS)
        .setMaxConnPerRoute(MAX_CONNECTIONS)
        .build();
  }

  /** Asks the rules for each request. */
  private static final class Routes extends DefaultRoutePlanner {
    private final ProxyRules rules;

    Routes(ProxyRules rules) {
      super(null);
      this.rules = rules;
    }

    @Override
    protected @Nullable HttpHost determineProxy(HttpHost target, HttpContext context) {
      var proxy = rules.proxy(HttpUrl.parse(target.toURI()));
      return proxy == null ? null : host(proxy);
    }
  }

  /**
   * Sends the request.
   *
   * @param authorization the header's value, or null
   * @throws OciException if there is no response
   */
  Answer send(OciRequest request, @Nullable String authorization) {
    var wire = wire(request, authorization);
    var time = ExchangeTime.start(wire, request.time());
    boolean responded = false;
    try {
      var response = client.executeOpen(host(request.url()), wire, null);
      responded = true;
      return checked(request, new Answer(request.url(), response, time), response);
    } catch (IOException failure) {
      throw time.failure(
          "no response from %s: %s".formatted(request.url().origin(), reason(failure)), failure);
    } catch (IllegalStateException ended) { // in the midst of it, or the client was closed
      throw time.failure("no response from " + request.url().origin(), ended);
    } finally {
      if (!responded) {
        time.close();
      }
    }
  }

  /** Nothing compressed was asked for, and digests are those of the bytes as they are. */
  private static Answer checked(OciRequest request, Answer answer, ClassicHttpResponse response) {
    var coding = response.getFirstHeader("Content-Encoding");
    if (coding == null || coding.getValue().equalsIgnoreCase("identity")) {
      return answer;
    }
    answer.close();
    throw new OciException(
        OciException.Kind.PROTOCOL,
        "the registry %s sent a compressed response (%s), which was not asked for"
            .formatted(request.url().origin(), SafeText.sanitize(coding.getValue(), 40)));
  }

  private static HttpUriRequestBase wire(OciRequest request, @Nullable String authorization) {
    try {
      var wire = new HttpUriRequestBase(request.method(), URI.create(request.url().toString()));
      request.headers().forEach(wire::setHeader);
      wire.setHeader("Accept-Encoding", "identity");
      if (authorization != null) {
        wire.setHeader("Authorization", authorization);
      }
      var body = request.body();
      if (body != null) {
        wire.setEntity(body.get());
      }
      return wire;
    } catch (IllegalArgumentException noUri) {
      throw new OciException(
          OciException.Kind.PROTOCOL,
          "the registry named an address that is not valid, at " + request.url().origin(),
          noUri);
    }
  }

  private static HttpHost host(HttpUrl url) {
    var host = url.host().text();
    return new HttpHost(
        url.scheme(),
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        url.port());
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case UnknownHostException _ -> "its name is not known";
      case SSLException tls ->
          "TLS failed: "
              + SafeText.sanitize(String.valueOf(tls.getMessage()), MAX_REASON_LENGTH)
              + "; a certificate authority of your own is named by registry.oci-extra-ca, and a"
              + " registry without TLS by registry.oci-plain-http";
      case SocketTimeoutException _ -> "it did not respond in time";
      case ConnectException _ -> "it refused the connection";
      default -> SafeText.sanitize(String.valueOf(failure.getMessage()), MAX_REASON_LENGTH);
    };
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
