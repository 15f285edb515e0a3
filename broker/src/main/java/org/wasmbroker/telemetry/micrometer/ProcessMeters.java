package org.wasmbroker.telemetry.micrometer;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Micrometer does not measure of the process, or under names and units that are not those of
 * Prometheus' conventions.
 *
 * <p>The JVM's own metrics leave most of the resident memory out: engine, guests and compiled
 * modules live outside the heap. It is read from Linux's {@code /proc}; NaN elsewhere.
 */
final class ProcessMeters {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double NANOS = 1e9;

  private ProcessMeters() {}

  /** Before Micrometer's own meters are bound. */
  static void bindTo(MeterRegistry registry) {
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    Gauge.builder("process.resident.memory", ProcessMeters::residentBytes)
        .description("Resident memory of the process, including engine and guests.")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("process.cpu", ProcessMeters.class, _ -> cpuSeconds())
        .description("CPU time of the process, including engine, guests and compilations in it.")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("system.cpus", () -> Runtime.getRuntime().availableProcessors())
        .description("Processors that the process may use.")
        .register(registry);
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? (double) system.getProcessCpuTime() / NANOS
        : Double.NaN;
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
