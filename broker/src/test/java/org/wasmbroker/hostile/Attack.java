package org.wasmbroker.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;

/**
 * Hostile steps one after the other beside good steps at a steady rate, measured. The next one is
 * there as one ends, but not more than a thousand in a second: those that end at once would be more
 * than any queue brings, and it would be the measuring that takes the processors. For the same
 * reason one that may talk to a server of the test, which works as much as the guest does, is
 * followed by a rest of its own length instead. Hostile steps are handed to the dispatcher; only
 * the good ones come over the queue.
 */
final class Attack {
  /** Odd, for a median: what else the machine does disturbs some of them. */
  private static final int TURNS = 5;

  private static final double MOST_A_SECOND = 400;

  /** Of one slot's time: the attack holds one of two, and the other has to be enough by far. */
  private static final double GOOD_LOAD = 0.2;

  private static final long SHORTEST_NANOS = 1_000_000;

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Document GOOD =
      Document.of(
          "{\"step\":{\"inputs\":{}},\"config\":{\"filter\":\"%s\"},\"context\":%s,\"deps\":{}}"
              .formatted(GoodQueue.FILTER, GoodQueue.INPUT));

  private final HostileStage stage;
  private final GoodQueue queue;
  private Duration interval = Duration.ofSeconds(1);

  Attack(HostileStage stage, GoodQueue queue) {
    this.stage = stage;
    this.queue = queue;
  }

  /** Good steps until the JVM has compiled what they need, and then the rate at which they come. */
  void warmUp() throws InterruptedException {
    oneByOne(Duration.ofSeconds(5));
    var window = Duration.ofSeconds(2);
    double seconds = window.toMillis() / 1000.0 / oneByOne(window);
    double rate = Math.min(MOST_A_SECOND, GOOD_LOAD / seconds);
    interval = Duration.ofNanos((long) (1e9 / rate));
    goodSteps(Duration.ofSeconds(10));
  }

  /** How many good steps there is time for, one after the other. */
  private int oneByOne(Duration window) {
    long end = System.nanoTime() + window.toNanos();
    int count = 0;
    while (System.nanoTime() < end) {
      var outcome = stage.run(GoodQueue.HANDLER, GOOD, LONG).join();
      if (!(outcome instanceof Outcome.Completed)) {
        throw new IllegalStateException("a good step ended badly: " + outcome);
      }
      count++;
    }
    return count;
  }

  AttackFigures measure(Crime crime, Duration turn) throws IOException, InterruptedException {
    goodSteps(turn.dividedBy(4));
    stage.run(crime).join(); // compiled from here on
    double before = residentMebibytes();
    var alone = new double[TURNS];
    var beside = new double[TURNS];
    var seen = new ConcurrentSkipListSet<String>();
    for (int i = 0; i < TURNS; i++) {
      alone[i] = goodSteps(turn);
      beside[i] = goodStepsBeside(crime, turn, seen);
    }
    stage.awaitIdle();
    return new AttackFigures(
        crime, Set.copyOf(seen), median(alone), median(beside), before, residentMebibytes());
  }

  private double goodStepsBeside(Crime crime, Duration turn, Set<String> seen)
      throws InterruptedException {
    var attacking = new AtomicBoolean(true);
    var attacker =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (attacking.get()) {
                    long began = System.nanoTime();
                    seen.add(Crime.end(stage.run(crime).join()));
                    long took = System.nanoTime() - began;
                    LockSupport.parkNanos(
                        crime.talksToServers() ? took : Math.max(0, SHORTEST_NANOS - took));
                  }
                });
    try {
      return goodSteps(turn);
    } finally {
      attacking.set(false);
      attacker.join();
    }
  }

  private double goodSteps(Duration turn) throws InterruptedException {
    return queue.turn((int) Math.max(1, turn.toNanos() / interval.toNanos()), interval);
  }

  private static double median(double[] figures) {
    Arrays.sort(figures);
    return figures[figures.length / 2];
  }

  @SuppressWarnings("DoNotCallSystemGc")
  private static double residentMebibytes() throws IOException {
    System.gc();
    for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("/proc/self/status says nothing of VmRSS");
  }
}
