package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.host.ValidatedModule.EntryPoint;
import org.wasmbroker.sandbox.host.ValidatedModule.Preparer;

/** The names of the exports that a run looks up, in native memory. */
final class ExportNames {
  private final Name memory;
  private final Name initialize;
  private final Name prepare;
  private final Name run;
  private final Name start;
  private final Name refusedPages;

  ExportNames(Arena arena) {
    memory = Name.of("memory", arena);
    initialize = Name.of("_initialize", arena);
    prepare = Name.of(Preparer.EXPORT, arena);
    run = Name.of(EntryPoint.RUN.export(), arena);
    start = Name.of(EntryPoint.START.export(), arena);
    refusedPages = Name.of(GrowthProbe.EXPORT, arena);
  }

  Name memory() {
    return memory;
  }

  Name initialize() {
    return initialize;
  }

  Name prepare() {
    return prepare;
  }

  Name entry(EntryPoint entry) {
    return switch (entry) {
      case RUN, RUN_WITH_EXIT_CODE -> run;
      case START -> start;
    };
  }

  Name refusedPages() {
    return refusedPages;
  }

  /** A name and its address; readers use the length, not the terminating NUL. */
  record Name(String text, long address, long length) {
    static Name of(String text, Arena arena) {
      return new Name(text, arena.allocateFrom(text).address(), text.length());
    }
  }
}
