package org.wasmbroker.fuzz;

import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult;
import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult.NotComparable;
import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult.Ran;
import org.wasmbroker.fuzz.ModuleFuzzer.EngineResult.Refused;

/** Where wasmtime-java answers otherwise than libwasmtime, and is known to: docs/fuzzing.md. */
final class KnownDifferences {
  private KnownDifferences() {}

  static boolean explain(EngineResult result, EngineResult otherResult) {
    return switch (result) {
      // Locals and globals of externref: switching references off would take funcref with it.
      case Refused(var _, var message) -> message.contains("gc types are disallowed");
      // A segment did not fit: there is no instance of which the size could be asked.
      case Ran(var ran) ->
          otherResult instanceof Ran(var otherRan)
              && otherRan.memory() == 0
              && ran.withoutMemory().equals(otherRan);
      case NotComparable _ -> true;
    };
  }
}
