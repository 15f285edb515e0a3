package org.wasmbroker.egress;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteInfo.LayerType;
import org.apache.hc.client5.http.RouteInfo.TunnelType;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicLineParser;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.url.HttpUrl;

/**
 * Connections pinned to checked addresses. A connection belongs to a host name, the address that
 * was checked for it, and the handler that opened it. It is reused only for a request for which all
 * three were determined anew: never for an address that the name no longer has, nor with anything
 * that another handler left on it. The HTTP client itself resolves no names.
 *
 * <p>Of Apache's HttpClient this uses the pool, TLS and the HTTP/1.1 parser, and none of its
 * automatic behavior: no redirects, cookies, authentication, decompression or upgrades.
 */
final class ConnectionPool implements AutoCloseable {
  static final int MAX_HEADER_LINE = 8 << 10;
  static final int MAX_HEADERS = 100;

  private static final TimeValue VALIDATE_AFTER_INACTIVITY = TimeValue.ofMilliseconds(500);
  private static final Timeout DATA_CHECK_TIMEOUT = Timeout.ofMilliseconds(1);
  private static final Set<String> IDEMPOTENT_METHODS =
      Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");
  private static final int OK = 200;
  private static final DnsResolver NO_DNS =
      new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
          throw new UnknownHostException("names are resolved and checked beforehand");
        }

        @Override
        public String resolveCanonicalHostname(String host) throws UnknownHostException {
          throw new UnknownHostException("names are resolved and checked beforehand");
        }
      };

  private final PoolingHttpClientConnectionManager pool;
  private final HttpRequestExecutor executor;
  private final Duration connectTimeout;
  private final TimeValue idleTimeout;

  ConnectionPool(EgressConfig config) {
    var http =
        Http1Config.custom()
            .setMaxLineLength(MAX_HEADER_LINE)
            .setMaxHeaderCount(MAX_HEADERS)
            .build();
    this.connectTimeout = config.connectTimeout();
    this.idleTimeout = TimeValue.of(config.idleTimeout());
    this.executor = new HttpRequestExecutor(http, null, null);
    this.pool =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder()
                    .http1Config(http)
                    .responseParserFactory(
                        new DefaultHttpResponseParserFactory(http, BasicLineParser.INSTANCE, null))
                    .build())
            .setTlsSocketStrategy(
                ClientTlsStrategyBuilder.create()
                    .setSslContext(TlsTrust.sslContext(config.extraCa()))
                    .setHostVerificationPolicy(HostnameVerificationPolicy.BUILTIN)
                    .buildClassic())
            .setDnsResolver(NO_DNS)
            .setConnPoolPolicy(PoolReusePolicy.LIFO)
            .setMaxConnTotal(config.connections())
            .setMaxConnPerRoute(config.connectionsPerHost())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(Timeout.of(config.connectTimeout()))
                    .setIdleTimeout(Timeout.of(config.idleTimeout()))
                    .setValidateAfterInactivity(VALIDATE_AFTER_INACTIVITY)
                    .build())
            .build();
  }

  /**
   * Sends a request to the first address that accepts a connection, and waits for the response
   * head.
   *
   * @param addresses the checked addresses of the URL's host
   * @param owner the handler
   * @param proxy the address of the operator's proxy and its port, or null
   */
  Exchange send(
      ClassicHttpRequest request,
      HttpUrl url,
      List<InetAddress> addresses,
      String owner,
      @Nullable HttpHost proxy,
      HttpCall call)
      throws IOException, HttpException, HttpRequestException {
    NotConnectedException last = null;
    for (var address : addresses) {
      try {
        return send(request, route(url, address, proxy), owner, call);
      } catch (NotConnectedException unreachable) {
        last = unreachable;
      }
    }
    throw last == null ? new IOException("no addresses") : last;
  }

  /** A proxy is asked to connect to the address; TLS still uses the name. */
  private static HttpRoute route(HttpUrl url, InetAddress address, @Nullable HttpHost proxy) {
    var host = url.host().text();
    boolean secure = url.isSecure();
    if (proxy == null) {
      return new HttpRoute(
          new HttpHost(url.scheme(), address, withoutBrackets(host), url.port()), null, secure);
    }
    return new HttpRoute(
        new HttpHost(url.scheme(), address, address.getHostAddress(), url.port()),
        new HttpHost(url.scheme(), withoutBrackets(host), url.port()),
        null,
        new HttpHost[] {proxy},
        secure,
        TunnelType.TUNNELLED,
        secure ? LayerType.LAYERED : LayerType.PLAIN);
  }

  /** The HTTP client adds the brackets of IPv6 addresses itself. */
  private static String withoutBrackets(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /**
   * A reused connection may have been closed by the server in the meantime, or carry unsolicited
   * bytes. Then the next one is tried, if the request is idempotent.
   */
  private Exchange send(ClassicHttpRequest request, HttpRoute route, String owner, HttpCall call)
      throws IOException, HttpException, HttpRequestException {
    while (true) {
      var endpoint = lease(route, owner, call);
      var exchange = new Exchange(pool, endpoint, request, owner, idleTimeout, call);
      call.onAbort(exchange::abort);
      boolean reused = endpoint.isConnected();
      try {
        if (!reused) {
          long start = System.nanoTime();
          connect(endpoint, route, call);
          exchange.connected(System.nanoTime() - start);
        }
        exchange.responseReceived(execute(endpoint, request, reused));
        return exchange;
      } catch (UnsolicitedDataException unsolicited) {
        exchange.discard();
      } catch (IOException | HttpException | RuntimeException failure) {
        exchange.discard();
        if (!reused
            || call.isAborted()
            || !isIdempotent(request)
            || !(failure instanceof IOException)) {
          throw failure;
        }
      }
    }
  }

  private static boolean isIdempotent(ClassicHttpRequest request) {
    return IDEMPOTENT_METHODS.contains(request.getMethod());
  }

  private ConnectionEndpoint lease(HttpRoute route, String owner, HttpCall call)
      throws IOException, HttpRequestException {
    var timeout = Timeout.of(call.remaining());
    var waiting = pool.lease("", route, timeout, owner);
    call.onAbort(waiting::cancel);
    try {
      return waiting.get(timeout);
    } catch (TimeoutException | CancellationException over) {
      throw HttpRequestException.of(
          FailureType.TIMEOUT, "pool", "no connection became available in time");
    } catch (InterruptedException interrupted) {
      waiting.cancel();
      Thread.currentThread().interrupt();
      throw HttpRequestException.of(FailureType.TIMEOUT, "pool", "the request was interrupted");
    } catch (ExecutionException failed) {
      throw new IOException("no connection could be leased", failed.getCause());
    }
  }

  private void connect(ConnectionEndpoint endpoint, HttpRoute route, HttpCall call)
      throws IOException, HttpException, HttpRequestException {
    var timeout =
        call.remaining().compareTo(connectTimeout) < 0 ? call.remaining() : connectTimeout;
    var context = HttpCoreContext.create();
    try {
      pool.connect(endpoint, TimeValue.ofMilliseconds(Math.max(1, timeout.toMillis())), context);
    } catch (IOException unreachable) {
      throw new NotConnectedException(unreachable);
    }
    if (route.isTunnelled()) {
      tunnel(endpoint, route.getTargetHost());
      if (route.isSecure()) {
        pool.upgrade(endpoint, context);
      }
    }
  }

  private void tunnel(ConnectionEndpoint endpoint, HttpHost target)
      throws IOException, HttpException, HttpRequestException {
    var authority = new URIAuthority(target.getHostName(), target.getPort()).toString();
    var connect = new BasicClassicHttpRequest("CONNECT", authority);
    connect.addHeader("Host", authority);
    var response = execute(endpoint, connect, false);
    if (response.getCode() != OK) {
      throw HttpRequestException.of(
          FailureType.CONNECT_FAILED,
          "proxy",
          "the operator's proxy refused the connection with status " + response.getCode());
    }
  }

  private org.apache.hc.core5.http.ClassicHttpResponse execute(
      ConnectionEndpoint endpoint, ClassicHttpRequest request, boolean reused)
      throws IOException, HttpException {
    return endpoint.execute(
        "",
        request,
        (sent, connection, context) -> {
          if (reused && connection.isDataAvailable(DATA_CHECK_TIMEOUT)) {
            throw new UnsolicitedDataException();
          }
          return executor.execute(sent, connection, context);
        },
        HttpCoreContext.create());
  }

  /** Closes connections that have been idle for too long. */
  void closeIdle() {
    pool.closeExpired();
    pool.closeIdle(idleTimeout);
  }

  int openCount() {
    var stats = pool.getTotalStats();
    return stats.getAvailable() + stats.getLeased();
  }

  @Override
  public void close() {
    pool.close(CloseMode.IMMEDIATE);
  }

  /** No connection to this address; another one may work. */
  static final class NotConnectedException extends IOException {
    private static final long serialVersionUID = 1;

    NotConnectedException(IOException cause) {
      super(cause);
    }
  }

  /** A pooled connection has data before a request was sent on it. */
  private static final class UnsolicitedDataException extends IOException {
    private static final long serialVersionUID = 1;
  }
}
