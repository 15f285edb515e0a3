package org.wasmbroker.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;

/** Hostile steps one after the other beside good steps at a steady rate, measured. */
final class Attack {
  private static final int TURNS = 2;
  private static final double MOST_A_SECOND = 500;

  /** Of one slot's time: the attack holds one of two, and the other has to be enough by far. */
  private static final double GOOD_LOAD = 0.2;

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Document GOOD =
      Document.of(
          "{\"step\":{\"inputs\":{}},\"config\":{\"filter\":\"{sum: (.context.items | map(.price * .quantity) | add)}\"},\"context\":{\"items\":[%s]},\"deps\":{}}"
              .formatted(
                  "{\"price\":3,\"quantity\":2},".repeat(20) + "{\"price\":1,\"quantity\":1}"));

  private final HostileStage stage;
  private long intervalNanos = Duration.ofSeconds(1).toNanos();

  Attack(HostileStage stage) {
    this.stage = stage;
  }

  /** Good steps until the JVM has compiled what they need, and then the rate at which they come. */
  void warmUp() {
    oneByOne(Duration.ofSeconds(5));
    var window = Duration.ofSeconds(2);
    double seconds = window.toMillis() / 1000.0 / oneByOne(window);
    double rate = Math.min(MOST_A_SECOND, GOOD_LOAD / seconds);
    intervalNanos = (long) (1e9 / rate);
  }

  /** How many good steps there is time for, one after the other. */
  private int oneByOne(Duration window) {
    long end = System.nanoTime() + window.toNanos();
    int count = 0;
    while (System.nanoTime() < end) {
      requireCompleted(stage.run("transform", GOOD, LONG).join());
      count++;
    }
    return count;
  }

  /** How often a good step comes. */
  Duration interval() {
    return Duration.ofNanos(intervalNanos);
  }

  AttackFigures measure(Crime crime, Duration turn) throws IOException {
    goodSteps(turn.dividedBy(4));
    stage.run(crime).join(); // compiled from here on
    double before = residentMebibytes();
    var alone = new ArrayList<Long>();
    var beside = new ArrayList<Long>();
    var seen = new ConcurrentSkipListSet<String>();
    for (int i = 0; i < TURNS; i++) {
      alone.addAll(goodSteps(turn));
      beside.addAll(goodStepsBeside(crime, turn, seen));
    }
    stage.awaitIdle();
    return new AttackFigures(
        crime, Set.copyOf(seen), millis99(alone), millis99(beside), before, residentMebibytes());
  }

  private List<Long> goodStepsBeside(Crime crime, Duration turn, Set<String> seen) {
    var attacking = new AtomicBoolean(true);
    var attacker =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (attacking.get()) {
                    var end = stage.run(crime);
                    seen.add(Crime.end(end.join()));
                  }
                });
    try {
      return goodSteps(turn);
    } finally {
      attacking.set(false);
      join(attacker);
    }
  }

  /** Sends good steps at the rate, whether or not those before have ended, and waits for all. */
  private List<Long> goodSteps(Duration turn) {
    int count = (int) Math.max(1, turn.toNanos() / intervalNanos);
    var latencies = new long[count];
    var ends = new ArrayList<CompletableFuture<?>>(count);
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      awaitNanos(began + i * intervalNanos);
      int number = i;
      long sent = System.nanoTime();
      ends.add(
          stage
              .run("transform", GOOD, LONG)
              .thenAccept(
                  outcome -> {
                    latencies[number] = System.nanoTime() - sent;
                    requireCompleted(outcome);
                  }));
    }
    ends.forEach(CompletableFuture::join);
    return Arrays.stream(latencies).boxed().toList();
  }

  private static void requireCompleted(Outcome outcome) {
    if (!(outcome instanceof Outcome.Completed)) {
      throw new IllegalStateException("a good step ended badly: " + outcome);
    }
  }

  private static void awaitNanos(long when) {
    for (long left = when - System.nanoTime(); left > 0; left = when - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static double millis99(List<Long> nanos) {
    var sorted = nanos.stream().sorted().toList();
    return sorted.get(sorted.size() * 99 / 100) / 1e6;
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

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }
}
