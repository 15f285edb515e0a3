package org.wasmbroker.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Stream;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** CPU time used. */
final class CpuTime {
  private CpuTime() {}

  static Duration ofThisProcess() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return Duration.ofNanos(system.getProcessCpuTime());
  }

  /** Of all running server processes; the process of a connection ends with the connection. */
  static Duration of(EmbeddedPostgres postgres) {
    try {
      var postmaster = Files.readAllLines(postgres.dataDirectory().resolve("postmaster.pid"));
      return ProcessHandle.of(Long.parseLong(postmaster.getFirst())).stream()
          .flatMap(server -> Stream.concat(Stream.of(server), server.descendants()))
          .map(CpuTime::of)
          .reduce(Duration.ZERO, Duration::plus);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Duration of(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
