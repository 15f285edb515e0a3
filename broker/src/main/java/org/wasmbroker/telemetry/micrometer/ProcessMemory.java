package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The resident memory of the process. The JVM's own metrics leave most of it out: engine, guests
 * and compiled modules live outside the heap. Read from Linux's {@code /proc}; NaN elsewhere.
 */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  static void bindTo(MeterRegistry registry) {
    Gauge.builder("process.resident.memory", ProcessMemory::residentBytes)
        .description("Resident memory of the process, including engine and guests.")
        .baseUnit("bytes")
        .register(registry);
  }

  static double residentBytes() {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException noSuchFile) {
      return Double.NaN;
    }
  }
}
