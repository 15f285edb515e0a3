package org.wasmbroker.egress;

import org.wasmbroker.grant.HttpGrants;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/**
 * The way out for all guests' requests: one for the broker. It has the pool of connections, the
 * rates and the watchdog; a step's part in it is {@link StepHttp}.
 */
public final class Egress implements AutoCloseable {
  private final DnsResolver dns;
  private final ConnectionPool connections;
  private final Watchdog watchdog;
  private final RequestSender sender;
  private final TimeSource time;
  private final EventSink events;

  /**
   * @throws IllegalArgumentException if the extra certificates cannot be read
   */
  public Egress(EgressConfig config, HostResolver resolver, TimeSource time, EventSink events) {
    this.time = time;
    this.events = events;
    dns = new DnsResolver(resolver);
    connections = new ConnectionPool(config);
    watchdog = new Watchdog(connections::closeIdle);
    sender =
        new RequestSender(
            new AddressGuard(dns),
            new RateLimits(config.rate(), config.handlerRate(), time),
            connections,
            config.proxy());
  }

  public void start() {
    watchdog.start();
  }

  /**
   * The HTTP of one step, for all its runs.
   *
   * @param limits of which it uses those for HTTP
   */
  public StepHttp open(Caller caller, HttpGrants grants, Limits limits, StepSecrets secrets) {
    return new StepHttp(
        caller, grants, limits, secrets, sender, watchdog, time, new CallEvents(caller, events));
  }

  /** Connections that are open, in use or not. */
  int openConnections() {
    return connections.openCount();
  }

  /** Requests that are under way, or whose answers are being read. */
  int activeRequests() {
    return watchdog.watchedCount();
  }

  /** Ends every request, and returns when the threads have ended that can be. */
  @Override
  public void close() {
    watchdog.close();
    connections.close();
    dns.close();
  }
}
