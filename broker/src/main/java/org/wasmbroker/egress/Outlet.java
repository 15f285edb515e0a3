package org.wasmbroker.egress;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.DestinationGrant;

/** The last of the checks, and the sending: rate, addresses, connection, the answer's head. */
final class Outlet {
  private final Addresses addresses;
  private final RateLimits rates;
  private final Connections connections;
  private final @Nullable HttpProxy proxy;

  Outlet(
      Addresses addresses, RateLimits rates, Connections connections, @Nullable HttpProxy proxy) {
    this.addresses = addresses;
    this.rates = rates;
    this.connections = connections;
    this.proxy = proxy;
  }

  /** Takes one request from the rates that the rule and the operator set. */
  void takeRate(String handler, DestinationGrant grant) throws HttpFailure {
    rates.take(handler, grant);
  }

  /** The addresses that the URL's host has just now, all of which the rule lets be reached. */
  List<InetAddress> addresses(HttpUrl url, DestinationGrant grant, HttpCall call)
      throws HttpFailure {
    return addresses.of(url, grant, call);
  }

  /** Sends the request to one of the addresses, and waits for the head of its answer. */
  Exchange send(
      ClassicHttpRequest request,
      HttpUrl url,
      List<InetAddress> checked,
      String handler,
      HttpCall call)
      throws HttpFailure {
    Exchange exchange = null;
    try {
      exchange = connections.send(request, url, checked, handler, proxyHost(call), call);
      AnswerCheck.check(exchange.response());
      return exchange;
    } catch (IOException | HttpException failure) {
      throw Failures.beforeTheHead(failure, call);
    } catch (HttpFailure bad) {
      if (exchange != null) {
        exchange.discard();
      }
      throw call.hasEnded() ? Failures.over(call) : bad;
    }
  }

  /** The operator's proxy may be anywhere: its address is found, and not checked. */
  private @Nullable HttpHost proxyHost(HttpCall call) throws HttpFailure {
    if (proxy == null) {
      return null;
    }
    InetAddress address = addresses.unchecked(proxy.url(), call);
    return new HttpHost("http", address, proxy.host(), proxy.port());
  }
}
