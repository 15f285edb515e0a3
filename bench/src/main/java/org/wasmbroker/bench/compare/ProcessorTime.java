package org.wasmbroker.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** Processor time as the kernel counts it, in ticks of 10 ms. */
final class ProcessorTime {
  private static final long TICK_NANOS = 10_000_000;
  private static final int USER = 11;
  private static final int SYSTEM = 12;
  private static final int USER_OF_CHILDREN = 13;
  private static final int SYSTEM_OF_CHILDREN = 14;

  private ProcessorTime() {}

  /** Of a process and of all that it has started and that has ended. */
  static Duration of(long pid) {
    return ticks(pid, USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN);
  }

  /** Of a server, with connections that have ended. */
  static Duration of(EmbeddedPostgres postgres) {
    try {
      var lines = Files.readAllLines(postgres.dataDirectory().resolve("postmaster.pid"));
      long postmaster = Long.parseLong(lines.getFirst().strip());
      return ProcessHandle.of(postmaster).stream()
          .flatMap(server -> Stream.concat(Stream.of(server), server.descendants()))
          .map(process -> of(process.pid()))
          .reduce(Duration.ZERO, Duration::plus);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Of all processes that this one has started, that have ended, and that somebody has waited for.
   */
  static Duration ofChildren() {
    return ticks(ProcessHandle.current().pid(), USER_OF_CHILDREN, SYSTEM_OF_CHILDREN);
  }

  private static Duration ticks(long pid, int... indexes) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int index : indexes) {
        ticks += Long.parseLong(fields[index]);
      }
      return Duration.ofNanos(ticks * TICK_NANOS);
    } catch (IOException gone) {
      return Duration.ZERO;
    }
  }
}
