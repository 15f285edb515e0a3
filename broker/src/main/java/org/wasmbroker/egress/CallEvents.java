package org.wasmbroker.egress;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.url.HttpTarget;

/** Reports a step's requests as events; those that were refused are logged as well. */
final class CallEvents {
  /** A guest can provoke any number of refusals; after this many lines they are only counted. */
  private static final int MAX_LOG_LINES = 10;

  private static final Logger log = LoggerFactory.getLogger(CallEvents.class);

  private final Caller caller;
  private final EventSink events;
  private int loggedRefusals;

  CallEvents(Caller caller, EventSink events) {
    this.caller = caller;
    this.events = events;
  }

  /** Only a rule in audit mode allows the request. */
  void audited(HttpTarget target, DestinationGrant grant) {
    events.on(new CallEvent.HttpAudited(caller.step(), caller.module(), grant.rule()));
    log.atInfo()
        .addKeyValue("handler", caller.handler())
        .addKeyValue("step", caller.step().id())
        .addKeyValue("rule", grant.rule())
        .addKeyValue("origin", target.origin())
        .log("a request was allowed only by a rule in audit mode");
  }

  /** The request was refused or failed. */
  void refused(HttpRequestException failure, String origin) {
    events.on(
        new CallEvent.HttpRefused(
            caller.step(), caller.module(), failure.type().text(), failure.reason()));
    loggedRefusals++;
    if (loggedRefusals <= MAX_LOG_LINES) {
      log.atInfo()
          .addKeyValue("handler", caller.handler())
          .addKeyValue("step", caller.step().id())
          .addKeyValue("origin", origin)
          .addKeyValue("reason", failure.reason())
          .log(
              "a guest's request was refused: {}{}",
              failure.message(),
              loggedRefusals == MAX_LOG_LINES
                  ? "; further refusals of this step are only counted"
                  : "");
    }
  }

  /** The step exceeded one of its HTTP limits. */
  void limitExceeded(LimitKind limit) {
    events.on(new StepEvent.LimitExceeded(caller.step(), limit.text()));
  }

  /**
   * A request that was sent has ended.
   *
   * @param outcome such as {@code 2xx}, or the type of the failure
   */
  void ended(String rule, String outcome, Duration duration, long sent, long received) {
    events.on(
        new CallEvent.HttpCompleted(
            caller.step(), caller.module(), rule, outcome, duration, sent, received));
  }
}
