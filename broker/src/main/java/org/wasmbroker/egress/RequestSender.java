package org.wasmbroker.egress;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.url.HttpUrl;

/** The last checks and the sending: rate limits, addresses, connection, response head. */
final class RequestSender {
  private final AddressGuard guard;
  private final RateLimits rates;
  private final ConnectionPool connections;
  private final @Nullable HttpProxy proxy;

  RequestSender(
      AddressGuard guard, RateLimits rates, ConnectionPool connections, @Nullable HttpProxy proxy) {
    this.guard = guard;
    this.rates = rates;
    this.connections = connections;
    this.proxy = proxy;
  }

  /** Takes one permit from the rates of the rule and the operator. */
  void acquirePermit(String handler, DestinationGrant grant) throws HttpRequestException {
    rates.acquire(handler, grant);
  }

  /** The current addresses of the URL's host, all of which the rule allows. */
  List<InetAddress> resolve(HttpUrl url, DestinationGrant grant, HttpCall call)
      throws HttpRequestException {
    return guard.resolve(url, grant, call);
  }

  /** Sends the request to one of the addresses, and waits for the response head. */
  Exchange send(
      ClassicHttpRequest request,
      HttpUrl url,
      List<InetAddress> addresses,
      String handler,
      HttpCall call)
      throws HttpRequestException {
    Exchange exchange = null;
    try {
      exchange = connections.send(request, url, addresses, handler, proxyHost(call), call);
      ResponseCheck.check(exchange.response());
      return exchange;
    } catch (IOException | HttpException failure) {
      throw HttpFailures.beforeResponse(failure, call);
    } catch (HttpRequestException bad) {
      if (exchange != null) {
        exchange.discard();
      }
      throw call.isAborted() ? HttpFailures.timedOut(call) : bad;
    }
  }

  /** The operator's proxy may be anywhere: its address is resolved, but not checked. */
  private @Nullable HttpHost proxyHost(HttpCall call) throws HttpRequestException {
    if (proxy == null) {
      return null;
    }
    InetAddress address = guard.resolveUnchecked(proxy.url(), call);
    return new HttpHost("http", address, proxy.host(), proxy.port());
  }
}
