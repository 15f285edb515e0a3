package org.wasmbroker.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.event.KeyValuePair;
import org.wasmbroker.step.SafeText;

/**
 * Bounds storms of lines, such as when every step of a handler fails or its guests log in a loop:
 * of one kind, from one place of the code about one handler, so many are written in a period. The
 * others are counted, and a line with their number follows with the first line of a later period.
 * The audit is never cut. Thread-safe.
 */
final class StormFilter extends Filter<ILoggingEvent> {
  static final Duration PERIOD = Duration.ofSeconds(10);

  /**
   * Names of handlers come from messages. Beyond this many kinds they are not told apart any more,
   * so that they take no lines from other places of the code; and beyond twice as many, nothing is.
   */
  private static final int MAX_KINDS = 1000;

  private static final int MAX_NAME_LENGTH = 100;
  private static final String AUDIT = "audit";

  /** From one place of the code about one handler. */
  private record Kind(String logger, Level level, String template, String handler) {
    static Kind of(ILoggingEvent event) {
      return new Kind(
          event.getLoggerName(),
          event.getLevel(),
          String.valueOf(event.getMessage()),
          handler(event));
    }

    /** The same of any handler. */
    Kind ofMany() {
      return new Kind(logger, level, template, "");
    }

    /** Lines of many kinds. */
    Kind other() {
      return new Kind("", level, "lines of many kinds", "");
    }

    private static String handler(ILoggingEvent event) {
      var pairs = event.getKeyValuePairs();
      if (pairs != null) {
        for (var pair : pairs) {
          if (pair.key.equals("handler")) {
            return SafeText.sanitize(String.valueOf(pair.value), MAX_NAME_LENGTH);
          }
        }
      }
      return "";
    }
  }

  /** One period. */
  private record Counts(long began, ConcurrentHashMap<Kind, AtomicInteger> lines) {
    AtomicInteger of(Kind kind) {
      var known = lines.get(kind);
      return known != null ? known : lines.computeIfAbsent(bounded(kind), _ -> new AtomicInteger());
    }

    private Kind bounded(Kind kind) {
      if (lines.size() < MAX_KINDS) {
        return kind;
      }
      var many = kind.ofMany();
      return lines.size() < 2 * MAX_KINDS || lines.containsKey(many) ? many : kind.other();
    }
  }

  private final int burst;
  private final LongSupplier nanos;
  private Counts counts; // guarded by this
  private final ConcurrentLinkedQueue<ILoggingEvent> summaries = new ConcurrentLinkedQueue<>();

  /**
   * @param burst how many lines of a kind are written in a period
   * @param nanos a monotonic clock
   */
  StormFilter(int burst, LongSupplier nanos) {
    this.burst = burst;
    this.nanos = nanos;
    this.counts = newPeriod();
  }

  private Counts newPeriod() {
    return new Counts(nanos.getAsLong(), new ConcurrentHashMap<>());
  }

  @Override
  public FilterReply decide(ILoggingEvent event) {
    if (event.getLoggerName().equals(AUDIT)) {
      return FilterReply.NEUTRAL;
    }
    return period(event).of(Kind.of(event)).incrementAndGet() <= burst
        ? FilterReply.NEUTRAL
        : FilterReply.DENY;
  }

  /** The counts of now; the thread that begins a period tells of the one before. */
  private Counts period(ILoggingEvent event) {
    synchronized (this) {
      var before = counts;
      if (nanos.getAsLong() - before.began() < PERIOD.toNanos()) {
        return before;
      }
      counts = newPeriod();
      summarize(before, event);
      return counts;
    }
  }

  private void summarize(Counts counts, ILoggingEvent at) {
    counts
        .lines()
        .forEach(
            (kind, count) -> {
              int suppressed = count.get() - burst;
              if (suppressed > 0) {
                summaries.add(summary(kind, suppressed, at));
              }
            });
  }

  private static ILoggingEvent summary(Kind kind, int suppressed, ILoggingEvent at) {
    var line = new LoggingEvent();
    line.setLoggerName(StormFilter.class.getName());
    line.setLevel(Level.WARN);
    line.setThreadName(at.getThreadName());
    line.setInstant(at.getInstant());
    line.setMessage("a storm of log lines: more of this kind were not written");
    line.addKeyValuePair(new KeyValuePair("lines", suppressed));
    line.addKeyValuePair(new KeyValuePair("of", kind.logger()));
    line.addKeyValuePair(new KeyValuePair("like", kind.template()));
    if (!kind.handler().isEmpty()) {
      line.addKeyValuePair(new KeyValuePair("handler", kind.handler()));
    }
    return line;
  }

  /** The lines with the numbers of what was not written, to be written now; each once. */
  List<ILoggingEvent> takeSummaries() {
    if (summaries.isEmpty()) {
      return List.of();
    }
    var taken = new ArrayList<ILoggingEvent>();
    for (var line = summaries.poll(); line != null; line = summaries.poll()) {
      taken.add(line);
    }
    return taken;
  }
}
