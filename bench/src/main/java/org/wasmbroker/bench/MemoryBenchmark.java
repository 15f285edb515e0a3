package org.wasmbroker.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Scanner;
import org.wasmbroker.sandbox.InvocationResult;

/**
 * Whether memory use stays constant: the resident memory of this process before and after many
 * runs. Start it with a fixed, pre-touched heap, so that the heap does not count.
 */
public final class MemoryBenchmark {
  private static final int PAGE = 4096;
  private static final int THREADS = 2;

  private MemoryBenchmark() {}

  /**
   * @param arguments engine, workload, number of runs
   */
  public static void main(String[] arguments) throws Exception {
    var engine = arguments[0];
    var workload = arguments[1];
    long runs = Long.parseLong(arguments[2]);
    try (var guest = new BenchGuest(engine, workload, THREADS)) {
      run(guest, Math.max(20_000, runs / 5));
      long before = resident();
      run(guest, runs);
      long after = resident();
      System.out.printf(
          "%-14s %-10s %,9d runs: resident memory %.1f MB before, %.1f MB after, %.2f bytes per run%n",
          engine, workload, runs, before / 1e6, after / 1e6, (after - before) / (double) runs);
    }
  }

  private static void run(BenchGuest guest, long runs) throws InterruptedException {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (long n = 0; n < runs / THREADS; n++) {
                      if (!(guest.run() instanceof InvocationResult.Completed)) {
                        throw new IllegalStateException("a run did not complete");
                      }
                    }
                  }));
    }
    for (var thread : threads) {
      thread.join();
    }
  }

  private static long resident() throws IOException {
    System.gc();
    try (var sizes = new Scanner(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)) {
      sizes.nextLong(); // the whole address space
      return sizes.nextLong() * PAGE;
    }
  }
}
