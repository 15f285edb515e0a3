package org.wasmbroker.app;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.HorizonState;
import org.wasmbroker.pgmq.QueueMeasurements;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.QueueState;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.pgmq.TableState;
import org.wasmbroker.step.TimeSource;

/**
 * The latest measurement of the queues. What cannot be measured is unknown, and the rest is not
 * affected; what needs a person is logged once, until it works again. Thread-safe.
 */
final class QueueSampler {
  private static final Logger log = LoggerFactory.getLogger(QueueSampler.class);

  /** After that, a database that does not respond is left alone until the next measurement. */
  private static final Duration BUDGET = Duration.ofSeconds(10);

  private final QueueMeasurements source;
  private final List<QueueName> queues;
  private final TimeSource time;
  private final AtomicLong failures = new AtomicLong();
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile Sample latest = new Sample(Map.of(), Map.of(), HorizonState.UNKNOWN);

  /** What was measured; what is missing is unknown. */
  record Sample(
      Map<QueueName, QueueState> queues, Map<String, TableState> tables, HorizonState horizon) {}

  QueueSampler(QueueMeasurements source, List<QueueName> queues, TimeSource time) {
    this.source = source;
    this.queues = queues;
    this.time = time;
  }

  List<QueueName> queues() {
    return queues;
  }

  /** The tables of the queues and of their archives. */
  List<String> tables() {
    return queues.stream().flatMap(queue -> Stream.of(table(queue), archive(queue))).toList();
  }

  static String table(QueueName queue) {
    return "q_" + queue.value();
  }

  static String archive(QueueName queue) {
    return "a_" + queue.value();
  }

  /** Measures everything again. */
  Sample measure() {
    long end = time.nanos() + BUDGET.toNanos();
    Map<String, TableState> tables =
        attempt("the tables of queues", end, () -> source.tables(tables()), Map.of());
    var states = new HashMap<QueueName, QueueState>();
    for (var queue : queues) {
      double estimate = tables.getOrDefault(table(queue), TableState.UNKNOWN).liveRows();
      var state =
          attempt("queue " + queue, end, () -> source.queue(queue, estimate), QueueState.UNKNOWN);
      if (!state.equals(QueueState.UNKNOWN)) {
        states.put(queue, state);
      }
    }
    var horizon = attempt("the oldest transaction", end, source::horizon, HorizonState.UNKNOWN);
    var sample = new Sample(Map.copyOf(states), Map.copyOf(tables), horizon);
    latest = sample;
    return sample;
  }

  private <T> T attempt(String what, long end, Supplier<T> measurement, T unknown) {
    if (time.nanos() - end >= 0) {
      return unknown;
    }
    try {
      var measured = measurement.get();
      if (told.remove(what)) {
        log.info("{} can be measured again", what);
      }
      return measured;
    } catch (SqlFailure failure) {
      failures.incrementAndGet();
      if (failure.isTransient()) {
        log.debug("{} cannot be measured now", what, failure);
      } else if (told.add(what)) {
        log.atWarn()
            .log("{} cannot be measured, and its metrics are NaN: {}", what, failure.getMessage());
      }
      return unknown;
    }
  }

  QueueState queue(QueueName queue) {
    return latest.queues().getOrDefault(queue, QueueState.UNKNOWN);
  }

  TableState table(String name) {
    return latest.tables().getOrDefault(name, TableState.UNKNOWN);
  }

  HorizonState horizon() {
    return latest.horizon();
  }

  long failures() {
    return failures.get();
  }
}
