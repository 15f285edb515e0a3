package org.wasmbroker.fuzz;

import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult;
import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult.NotComparable;
import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult.Ran;
import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult.Refused;

/** Known differences between wasmtime-java and libwasmtime, see docs/fuzzing.md. */
final class KnownDifferences {
  private KnownDifferences() {}

  static boolean explain(EngineResult result, EngineResult otherResult) {
    return switch (result) {
      // Locals and globals of externref: disabling reference types would also disable funcref.
      case Refused(var _, var message) -> message.contains("gc types are disallowed");
      // A segment did not fit: there is no instance whose size could be read.
      case Ran(var ran) ->
          otherResult instanceof Ran(var otherRan)
              && otherRan.memory() == 0
              && ran.withoutMemory().equals(otherRan);
      case NotComparable _ -> true;
    };
  }
}
