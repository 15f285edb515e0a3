package org.wasmbroker.sandbox.wasmtime;

import java.util.List;
import org.wasmbroker.sandbox.EngineUnavailableException;

/**
 * The processors that precompiled code is for: not the one that compiles it, but all that are at
 * hand where brokers run. An engine on another processor refuses the code and compiles the module.
 *
 * @param triple as the compiler names it
 * @param features that code may use; each must be there
 */
record PortableTarget(String triple, List<String> features) {
  /** The level x86-64-v3: servers since about 2013. */
  private static final PortableTarget X86_64 =
      new PortableTarget(
          "x86_64-unknown-linux-gnu",
          List.of(
              "has_sse3",
              "has_ssse3",
              "has_cmpxchg16b",
              "has_sse41",
              "has_sse42",
              "has_popcnt",
              "has_avx",
              "has_avx2",
              "has_fma",
              "has_bmi1",
              "has_bmi2",
              "has_lzcnt"));

  /** What every 64-bit ARM has. */
  private static final PortableTarget AARCH64 =
      new PortableTarget("aarch64-unknown-linux-gnu", List.of());

  /** For the architecture of this machine: nothing is compiled for another one. */
  static PortableTarget ofThisMachine() {
    var processor = System.getProperty("os.arch");
    return switch (processor) {
      case "amd64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new EngineUnavailableException("nothing is precompiled for " + processor, null);
    };
  }
}
