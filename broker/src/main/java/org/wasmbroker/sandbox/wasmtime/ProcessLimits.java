package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes rights from the process that calls it, for good; Linux only. */
final class ProcessLimits {
  private static final int PRIO_PROCESS = 0;
  private static final int NICENESS = 10;
  private static final int RLIMIT_FSIZE = 1;
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_AS = 9;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final String MOST_EXPENDABLE = "1000";

  private ProcessLimits() {}

  /**
   * From now on the process writes no files and no core dump, gains no privileges from the programs
   * that it might start, cannot be inspected, and is the first to go when memory is scarce.
   */
  static void dropRights() {
    becomeExpendable();
    limit(RLIMIT_CORE, 0, true);
    limit(RLIMIT_FSIZE, 0, true);
    require(Downcalls.call5(function("prctl"), PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
    require(Downcalls.call5(function("prctl"), PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl");
  }

  private static void becomeExpendable() {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), MOST_EXPENDABLE);
    } catch (IOException notAllowed) {
      System.err.println("no choice of who is ended when memory is scarce: " + notAllowed);
    }
  }

  /**
   * Gives way to running guests: all threads that the process has and will have compute with what
   * the others leave and a tenth of each processor.
   */
  static void yieldToOthers() {
    // To Linux a priority is a thread's, and a new thread takes over that of the one that starts
    // it.
    try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (var thread : threads) {
        yieldToOthers(Integer.parseInt(thread.getFileName().toString()));
      }
    } catch (IOException unknown) {
      System.err.println("no lower priority: " + unknown);
    }
  }

  private static void yieldToOthers(int thread) {
    if ((int) Downcalls.call3(function("setpriority"), PRIO_PROCESS, thread, NICENESS) != 0) {
      System.err.println("no lower priority");
    }
  }

  /** Allows so much address space beyond what the process has now. */
  static void allowMoreMemory(long bytes) throws IOException {
    limit(RLIMIT_AS, usedAddressSpace() + bytes, false);
  }

  private static long usedAddressSpace() throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmSize:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no line 'VmSize:' in /proc/self/status");
  }

  /** Sets a limit, but no higher than it may be. */
  private static void limit(int resource, long value, boolean forGood) {
    try (var arena = Arena.ofConfined()) {
      var limit = arena.allocate(16, 8);
      require(Downcalls.call2(function("getrlimit"), resource, limit.address()), "getrlimit");
      long maximum = limit.get(ValueLayout.JAVA_LONG, 8);
      long allowed = Long.compareUnsigned(value, maximum) < 0 ? value : maximum;
      limit.set(ValueLayout.JAVA_LONG, 0, allowed);
      limit.set(ValueLayout.JAVA_LONG, 8, forGood ? allowed : maximum);
      require(Downcalls.call2(function("setrlimit"), resource, limit.address()), "setrlimit");
    }
  }

  /** C functions return an {@code int}. */
  private static void require(long result, String function) {
    if ((int) result != 0) {
      throw new IllegalStateException(function + " failed");
    }
  }

  private static MemorySegment function(String name) {
    return Linker.nativeLinker()
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new IllegalStateException("no function " + name));
  }
}
