package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
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
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.tls.TlsTrust;
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

  /** A server closes idle connections after some seconds at the earliest. */
  private static final long FRESH_NANOS = 1_000_000_000;

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
  private final Duration connectTimeout;
  private final TimeValue idleTimeout;
  private final TimeSource time;

  /** When pooled connections were used last. */
  private final Map<HttpConnection, Long> lastUse =
      Collections.synchronizedMap(new WeakHashMap<>());

  ConnectionPool(EgressConfig config, TimeSource time) {
    this(config, time, () -> {});
  }

  /**
   * @param onConnect run by the HTTP client in the midst of connecting
   */
  ConnectionPool(EgressConfig config, TimeSource time, Runnable onConnect) {
    var http =
        Http1Config.custom()
            .setMaxLineLength(MAX_HEADER_LINE)
            .setMaxHeaderCount(MAX_HEADERS)
            .build();
    this.connectTimeout = config.connectTimeout();
    this.idleTimeout = TimeValue.of(config.idleTimeout());
    this.time = time;
    var connectionConfig =
        ConnectionConfig.custom()
            .setConnectTimeout(Timeout.of(config.connectTimeout()))
            .setIdleTimeout(Timeout.of(config.idleTimeout()))
            .setValidateAfterInactivity(VALIDATE_AFTER_INACTIVITY)
            .build();
    this.pool =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder()
                    .http1Config(http)
                    .responseParserFactory(parserFactory(http))
                    .build())
            .setTlsSocketStrategy(
                ClientTlsStrategyBuilder.create()
                    .setSslContext(TlsTrust.sslContext(config.extraCa(), "egress.extra-ca"))
                    .setHostVerificationPolicy(HostnameVerificationPolicy.BUILTIN)
                    .buildClassic())
            .setDnsResolver(NO_DNS)
            .setConnPoolPolicy(PoolReusePolicy.LIFO)
            .setMaxConnTotal(config.connections())
            .setMaxConnPerRoute(config.connectionsPerHost())
            .setConnectionConfigResolver(
                route -> {
                  onConnect.run();
                  return connectionConfig;
                })
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
        if (call.isAborted()) {
          break;
        }
      }
    }
    throw last == null ? new NotConnectedException("no addresses") : last;
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
   * Sends the request on a pooled connection or on a new one. The server may have closed a pooled
   * one in the meantime: if that is known before anything was sent, the next one is used. If it
   * turns out afterwards, a request that may be repeated is sent once more, on a new connection.
   */
  private Exchange send(ClassicHttpRequest request, HttpRoute route, String owner, HttpCall call)
      throws IOException, HttpException, HttpRequestException {
    boolean repeatable = WireRequest.isRepeatable(request);
    Object wanted = owner;
    while (true) {
      var exchange = new Exchange(this, lease(route, wanted, call), request, owner, call);
      call.onAbort(exchange::abort);
      boolean reused = exchange.endpoint().isConnected();
      try {
        if (!reused) {
          long start = System.nanoTime();
          connect(exchange.endpoint(), route, call);
          exchange.connected(System.nanoTime() - start);
        }
        exchange.responseReceived(execute(exchange, request, reused, repeatable, call));
        return exchange;
      } catch (UnsuitableConnectionException unsuitable) {
        exchange.discard();
      } catch (HttpException | HttpRequestException failure) {
        exchange.discard();
        throw failure;
      } catch (IOException failure) {
        exchange.discard();
        if (!reused
            || !repeatable
            || failure instanceof MessageConstraintException
            || call.isAborted()) {
          throw failure;
        }
        wanted = new Object(); // equal to the owner of no pooled connection
      } catch (RuntimeException failure) {
        exchange.discard();
        if (call.isAborted()) { // the HTTP client stumbles over a connection that was closed
          throw new InterruptedIOException("aborted");
        }
        throw failure;
      }
    }
  }

  private ConnectionEndpoint lease(HttpRoute route, Object wanted, HttpCall call)
      throws IOException, HttpRequestException {
    var timeout = Timeout.of(call.remaining());
    LeaseRequest waiting;
    try {
      waiting = pool.lease("", route, timeout, wanted);
    } catch (IllegalStateException closed) {
      throw new NotConnectedException("the pool is closed", closed);
    }
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
      throw new NotConnectedException("no connection could be leased", failed.getCause());
    }
  }

  private void connect(ConnectionEndpoint endpoint, HttpRoute route, HttpCall call)
      throws IOException, HttpException, HttpRequestException {
    var timeout =
        call.remaining().compareTo(connectTimeout) < 0 ? call.remaining() : connectTimeout;
    var context = HttpCoreContext.create();
    try {
      pool.connect(endpoint, TimeValue.ofMilliseconds(Math.max(1, timeout.toMillis())), context);
      if (route.isTunnelled()) {
        tunnel(endpoint, route.getTargetHost());
        if (route.isSecure()) {
          pool.upgrade(endpoint, context);
        }
      }
    } catch (IOException unreachable) {
      throw new NotConnectedException("no connection", unreachable);
    }
    if (call.isAborted()) {
      throw new InterruptedIOException("aborted");
    }
  }

  private static void tunnel(ConnectionEndpoint endpoint, HttpHost target)
      throws IOException, HttpException, HttpRequestException {
    var authority = new URIAuthority(target.getHostName(), target.getPort()).toString();
    var connect = new BasicClassicHttpRequest("CONNECT", authority);
    connect.addHeader("Host", authority);
    var response =
        endpoint.execute(
            "",
            connect,
            (sent, connection, context) -> RoundTrip.perform(sent, connection, () -> {}),
            HttpCoreContext.create());
    if (response.getCode() != OK) {
      throw HttpRequestException.of(
          FailureType.CONNECT_FAILED,
          "proxy",
          "the operator's proxy refused the connection with status " + response.getCode());
    }
  }

  private ClassicHttpResponse execute(
      Exchange exchange,
      ClassicHttpRequest request,
      boolean reused,
      boolean repeatable,
      HttpCall call)
      throws IOException, HttpException {
    return exchange
        .endpoint()
        .execute(
            "",
            request,
            (sent, connection, context) -> {
              if (reused) {
                requireSuitable(connection, repeatable);
              }
              call.sending(repeatable);
              exchange.sendingOn(connection);
              return RoundTrip.perform(sent, connection, exchange::requestUnread);
            },
            HttpCoreContext.create());
  }

  /**
   * A request that must not be sent twice takes no connection that the server may be about to
   * close: nobody would know whether the request arrived.
   */
  private void requireSuitable(HttpClientConnection connection, boolean repeatable)
      throws IOException {
    if (connection.isDataAvailable(DATA_CHECK_TIMEOUT)) {
      throw new UnsuitableConnectionException();
    }
    if (!repeatable) {
      var used = lastUse.get(connection);
      if (used == null || time.nanos() - used > FRESH_NANOS || connection.isStale()) {
        throw new UnsuitableConnectionException();
      }
    }
  }

  private static HttpMessageParserFactory<ClassicHttpResponse> parserFactory(Http1Config http) {
    return new HttpMessageParserFactory<>() {
      @Override
      public HttpMessageParser<ClassicHttpResponse> create() {
        return RoundTrip.parser(http);
      }

      @Override
      @Deprecated
      public HttpMessageParser<ClassicHttpResponse> create(Http1Config config) {
        return RoundTrip.parser(config);
      }
    };
  }

  /** The connection may serve the owner's next request. */
  void release(ConnectionEndpoint endpoint, HttpConnection connection, String owner) {
    lastUse.put(connection, time.nanos());
    pool.release(endpoint, owner, idleTimeout);
  }

  /** The connection was closed. */
  void discard(ConnectionEndpoint endpoint) {
    pool.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
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

  /** There is no connection to this address, and nothing was sent; another address may work. */
  static final class NotConnectedException extends IOException {
    private static final long serialVersionUID = 1;

    NotConnectedException(String message) {
      super(message);
    }

    NotConnectedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A pooled connection that must not be used; nothing was sent on it. */
  private static final class UnsuitableConnectionException extends IOException {
    private static final long serialVersionUID = 1;
  }
}
