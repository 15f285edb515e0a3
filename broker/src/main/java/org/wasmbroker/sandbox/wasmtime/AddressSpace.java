package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much more address space this process can reserve. */
final class AddressSpace {
  /** User space of x86-64 and of aarch64 with 48 bits, minus what is never available. */
  private static final long MAX = 1L << 46;

  private AddressSpace() {}

  /** Available bytes according to the kernel's limit for this process ({@code ulimit -v}). */
  static long free() throws IOException {
    return free(
        Files.readAllLines(Path.of("/proc/self/limits")),
        Files.readAllLines(Path.of("/proc/self/status")));
  }

  static long free(List<String> limits, List<String> status) throws IOException {
    var limit = fields(limits, "Max address space")[0];
    if (limit.equals("unlimited")) {
      return MAX;
    }
    long usedKiB = Long.parseLong(fields(status, "VmSize:")[0]);
    return Math.min(MAX, Math.max(0, Long.parseLong(limit) - (usedKiB << 10)));
  }

  private static String[] fields(List<String> lines, String label) throws IOException {
    for (var line : lines) {
      if (line.startsWith(label)) {
        return line.substring(label.length()).strip().split("\\s+");
      }
    }
    throw new IOException("no line '" + label + "' in /proc/self");
  }
}
