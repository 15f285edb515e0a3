package org.wasmbroker.egress;

import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.Tracing;

/**
 * Sends the requests of all guests; there is one for the broker. It owns the connection pool, the
 * rate limits and the watchdog. {@link StepHttp} is the part of one step.
 */
public final class Egress implements AutoCloseable {
  private final DnsResolver dns;
  private final ConnectionPool connections;
  private final Watchdog watchdog;
  private final RequestSender sender;
  private final TimeSource time;
  private final EventSink events;
  private final Tracing tracing;

  /**
   * @throws IllegalArgumentException if the extra certificates cannot be read
   */
  public Egress(EgressConfig config, HostResolver resolver, TimeSource time, EventSink events) {
    this(config, resolver, time, events, Tracing.OFF);
  }

  /**
   * @throws IllegalArgumentException if the extra certificates cannot be read
   */
  public Egress(
      EgressConfig config,
      HostResolver resolver,
      TimeSource time,
      EventSink events,
      Tracing tracing) {
    this.time = time;
    this.events = events;
    this.tracing = tracing;
    dns = new DnsResolver(resolver);
    connections = new ConnectionPool(config, time);
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
   * The HTTP client of one step, for all its runs.
   *
   * @param limits the step's limits, of which those for HTTP apply
   */
  public StepHttp open(Caller caller, HttpGrants grants, Limits limits, StepSecrets secrets) {
    return new StepHttp(
        caller,
        grants,
        limits,
        secrets,
        sender,
        watchdog,
        time,
        new CallEvents(caller, events),
        tracing);
  }

  /** Open connections, leased or idle. */
  int openConnections() {
    return connections.openCount();
  }

  /** Requests in flight, including those whose response is being read. */
  int activeRequests() {
    return watchdog.activeCount();
  }

  /**
   * Aborts all requests, and returns when its threads have ended, except for pending DNS lookups.
   */
  @Override
  public void close() {
    watchdog.close();
    connections.close();
    dns.close();
  }
}
