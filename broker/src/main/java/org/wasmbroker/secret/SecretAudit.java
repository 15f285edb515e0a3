package org.wasmbroker.secret;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.EventSink;

/**
 * Audits which secrets a step used or tried to use: one line of the logger {@code audit} for each
 * secret, use and answer, and at the end one more with the count if there were several. The number
 * of lines is limited, and the rest is counted, too.
 */
final class SecretAudit {
  private static final Logger log = LoggerFactory.getLogger("audit");
  private static final int MAX_LINES = 50;

  private final ModuleId module;
  private final Step step;
  private final EventSink events;
  private final Map<Entry, Integer> counts = new LinkedHashMap<>();
  private long suppressed;

  SecretAudit(ModuleId module, Step step, EventSink events) {
    this.module = module;
    this.step = step;
    this.events = events;
  }

  /** What a step did with a secret. */
  enum Use {
    READ,
    FILL,
    /** The value was found in the step's output or request. */
    LEAK;

    String text() {
      return WireName.of(this);
    }
  }

  /** How the broker responded. */
  enum Answer {
    ALLOWED,
    DENIED,
    NOT_FOUND,
    UNAVAILABLE,
    REFUSED;

    String text() {
      return WireName.of(this);
    }
  }

  /**
   * @param where a request's destination, or the text in which a value was found; may be empty
   */
  private record Entry(String secret, Use use, Answer answer, String where) {}

  /**
   * @param secret a valid name of a secret
   * @param destination the request's destination, or empty
   */
  void used(String secret, Use use, Answer answer, String destination) {
    events.on(new CallEvent.SecretUsed(step, module, use.text(), answer.text()));
    var entry = new Entry(secret, use, answer, destination);
    if (isFirst(entry)) {
      write(entry);
    }
  }

  /** Counts the entry. Returns whether it is the first of its kind and a line is left for it. */
  private boolean isFirst(Entry entry) {
    if (counts.size() < MAX_LINES || counts.containsKey(entry)) {
      return counts.merge(entry, 1, Integer::sum) == 1;
    }
    suppressed++;
    return false;
  }

  private void write(Entry entry) {
    var event = entry.answer == Answer.ALLOWED ? log.atInfo() : log.atWarn();
    withEntry(event, entry).log("a step requested a secret");
  }

  /** A value was found in the step's output or request, which is therefore refused. */
  void leaked(Leak leak, String where) {
    events.on(new CallEvent.SecretUsed(step, module, Use.LEAK.text(), Answer.REFUSED.text()));
    var entry = new Entry(leak.name().text(), Use.LEAK, Answer.REFUSED, where);
    if (isFirst(entry)) {
      withEntry(log.atWarn(), entry)
          .addKeyValue("form", WireName.of(leak.form()))
          .addKeyValue("place", leak.pointer())
          .log("the value of a secret was found in a step's output or request");
    }
  }

  /** Writes the counts of entries that occurred more than once. */
  void close() {
    new HashMap<>(counts)
        .forEach(
            (entry, count) -> {
              if (count > 1) {
                withEntry(log.atInfo(), entry)
                    .addKeyValue("times", count)
                    .log("a step used a secret several times");
              }
            });
    if (suppressed > 0) {
      withStep(log.atWarn())
          .addKeyValue("times", suppressed)
          .log("further uses of secrets by a step were not logged");
    }
    counts.clear();
    suppressed = 0;
  }

  private LoggingEventBuilder withEntry(LoggingEventBuilder event, Entry entry) {
    var about =
        withStep(event)
            .addKeyValue("secret", entry.secret)
            .addKeyValue("use", entry.use.text())
            .addKeyValue("answer", entry.answer.text());
    return entry.where.isEmpty() ? about : about.addKeyValue("where", entry.where);
  }

  private LoggingEventBuilder withStep(LoggingEventBuilder event) {
    var known =
        event
            .addKeyValue("handler", module.handler())
            .addKeyValue("version", module.version())
            .addKeyValue("digest", module.digest())
            .addKeyValue("step", step.id())
            .addKeyValue("attempt", step.attempt().number());
    var ids = step.ids();
    if (ids.task() != null) {
      known = known.addKeyValue("task", ids.task());
    }
    return ids.correlation() == null ? known : known.addKeyValue("correlation", ids.correlation());
  }
}
