package org.wasmbroker.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.wasmbroker.pgmq.Archival;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.LeasedQueue;
import org.wasmbroker.step.Document;

/**
 * What the database alone can sustain: the same claims, results and archived messages in the same
 * batches, on two connections, with a prepared result and nothing run in between.
 */
public final class SqlCeiling {
  private static final int CONNECTIONS = 2;

  private SqlCeiling() {}

  /**
   * A measured ceiling.
   *
   * @param postgresCpu the CPU time of the server
   */
  public record Ceiling(double perSecond, Duration postgresCpu) {}

  public static Ceiling measure(BenchQueue queue, int steps, int batch, String result)
      throws InterruptedException {
    var remaining = new AtomicInteger(steps);
    var document = Document.of(result);
    try (var database = Database.open(queue.database(), "bench ceiling")) {
      database.ping();
      var queues = queue.queues();
      var leased =
          new LeasedQueue(
              database, queues.queue(), queues.results(), queues.deadLetters(), queues.archives());
      var cpuBefore = CpuTime.of(queue.server());
      long start = System.nanoTime();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < CONNECTIONS; i++) {
        threads.add(
            Thread.ofPlatform().start(() -> drain(leased, queue, batch, document, remaining)));
      }
      for (var thread : threads) {
        thread.join();
      }
      if (remaining.get() != 0) {
        throw new IllegalStateException(remaining.get() + " messages were not claimed");
      }
      var elapsed = System.nanoTime() - start;
      return new Ceiling(steps / (elapsed / 1e9), CpuTime.of(queue.server()).minus(cpuBefore));
    }
  }

  private static void drain(
      LeasedQueue leased, BenchQueue queue, int batch, Document result, AtomicInteger remaining) {
    while (true) {
      var messages = leased.claim(queue.queues().lease(), batch);
      if (messages.isEmpty()) {
        return;
      }
      var endings =
          messages.stream()
              .map(message -> new Archival(message.lease(), result, null, null))
              .toList();
      leased.complete(endings, List.of());
      remaining.addAndGet(-endings.size());
    }
  }
}
