package org.wasmbroker.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;

/**
 * Measures an attack: hostile steps one after the other, next to good steps at a steady rate. The
 * next hostile step starts when one ends, but at most a thousand per second: those that end
 * immediately would be more than any queue delivers, and the measurement itself would occupy the
 * processors. For the same reason a step that may talk to a server of the test, which works as much
 * as the guest does, is followed by a pause of its own length instead. Hostile steps are handed to
 * the dispatcher directly; only the good ones go through the queue.
 */
final class Attack {
  /** Odd, for a median: other load on the machine disturbs some turns. */
  private static final int TURNS = 5;

  private static final double MAX_PER_SECOND = 400;

  /**
   * A share of one processor's time: the attack occupies one of two, and the other one must have
   * ample capacity.
   */
  private static final double GOOD_LOAD = 0.2;

  private static final long MIN_NANOS = 1_000_000;

  private static final Duration GOOD_TIMEOUT = Duration.ofSeconds(30);
  private static final Document GOOD =
      Document.of(
          "{\"step\":{\"inputs\":{}},\"config\":{\"filter\":\"%s\"},\"context\":%s,\"deps\":{}}"
              .formatted(GoodQueue.FILTER, GoodQueue.INPUT));

  private final HostileRig rig;
  private final GoodQueue queue;
  private Duration interval = Duration.ofSeconds(1);

  Attack(HostileRig rig, GoodQueue queue) {
    this.rig = rig;
    this.queue = queue;
  }

  /** Runs good steps until the JVM has compiled their code, and then determines their rate. */
  void warmUp() throws InterruptedException {
    runSequentially(Duration.ofSeconds(5));
    var window = Duration.ofSeconds(2);
    double seconds = window.toMillis() / 1000.0 / runSequentially(window);
    double rate = Math.min(MAX_PER_SECOND, GOOD_LOAD / seconds);
    interval = Duration.ofNanos((long) (1e9 / rate));
    goodSteps(Duration.ofSeconds(10));
  }

  /** The number of good steps that run in the window, one after the other. */
  private int runSequentially(Duration window) {
    long end = System.nanoTime() + window.toNanos();
    int count = 0;
    while (System.nanoTime() < end) {
      var outcome = rig.run(GoodQueue.HANDLER, GOOD, GOOD_TIMEOUT).join();
      if (!(outcome instanceof Outcome.Completed)) {
        throw new IllegalStateException("a good step failed: " + outcome);
      }
      count++;
    }
    return count;
  }

  AttackMeasurement measure(HostileCase hostileCase, Duration turn)
      throws IOException, InterruptedException {
    goodSteps(turn.dividedBy(4));
    rig.run(hostileCase).join(); // compiles the module
    double before = residentMebibytes();
    var alone = new Turns();
    var during = new Turns();
    var seen = new ConcurrentSkipListSet<String>();
    for (int i = 0; i < TURNS; i++) {
      alone.add(goodSteps(turn), i);
      during.add(goodStepsDuring(hostileCase, turn, seen), i);
    }
    rig.awaitIdle();
    return new AttackMeasurement(
        hostileCase,
        Set.copyOf(seen),
        alone.median(),
        during.median(),
        before,
        residentMebibytes());
  }

  private Latency goodStepsDuring(HostileCase hostileCase, Duration turn, Set<String> seen)
      throws InterruptedException {
    var attacking = new AtomicBoolean(true);
    var attacker =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (attacking.get()) {
                    long began = System.nanoTime();
                    seen.add(HostileCase.end(rig.run(hostileCase).join()));
                    long took = System.nanoTime() - began;
                    LockSupport.parkNanos(
                        hostileCase.talksToServers() ? took : Math.max(0, MIN_NANOS - took));
                  }
                });
    try {
      return goodSteps(turn);
    } finally {
      attacking.set(false);
      attacker.join();
    }
  }

  /** A turn through the queue, then one from the dispatcher on. */
  private Latency goodSteps(Duration turn) throws InterruptedException {
    int steps = (int) Math.max(1, turn.toNanos() / interval.toNanos());
    double queued = queue.turn(steps, interval);
    return new Latency(queued, dispatched(steps));
  }

  /** The 99th percentile of the milliseconds from the dispatcher's acceptance to the outcome. */
  private double dispatched(int steps) {
    var latencies = new double[steps];
    var outcomes = new ArrayList<CompletableFuture<?>>();
    long began = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      int step = i;
      GoodQueue.awaitNanos(began + i * interval.toNanos());
      long accepted = System.nanoTime();
      outcomes.add(
          rig.run(GoodQueue.HANDLER, GOOD, GOOD_TIMEOUT)
              .thenAccept(_ -> latencies[step] = (System.nanoTime() - accepted) / 1e6));
    }
    outcomes.forEach(CompletableFuture::join);
    Arrays.sort(latencies);
    return latencies[(int) Math.ceil(0.99 * steps) - 1];
  }

  /** The latencies of some turns. */
  private static final class Turns {
    private final double[] queued = new double[TURNS];
    private final double[] dispatched = new double[TURNS];

    void add(Latency latency, int turn) {
      queued[turn] = latency.queuedMillis();
      dispatched[turn] = latency.dispatchedMillis();
    }

    Latency median() {
      return new Latency(median(queued), median(dispatched));
    }

    private static double median(double[] figures) {
      Arrays.sort(figures);
      return figures[figures.length / 2];
    }
  }

  @SuppressWarnings("DoNotCallSystemGc")
  private static double residentMebibytes() throws IOException {
    System.gc();
    for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("/proc/self/status has no VmRSS");
  }
}
