package org.wasmbroker.sandbox.host;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.ModuleShape.Export;
import org.wasmbroker.sandbox.binary.ModuleShape.Import;
import org.wasmbroker.sandbox.binary.ModuleShape.ImportedFunction;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.ModuleShape.NonFunctionImport;
import org.wasmbroker.sandbox.binary.StateExports;
import org.wasmbroker.sandbox.host.ValidatedModule.EntryPoint;
import org.wasmbroker.sandbox.host.ValidatedModule.Preparer;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;

/**
 * Decides whether a module may run at all, the same for every engine: it must be a module, import
 * nothing but host functions with their right types, export what ABI v1 requires, and start within
 * its limits. Messages name what is wrong, so that the module's author can fix it.
 */
public final class ModuleValidator {
  private static final int MAX_NAME_CHARACTERS = 80;

  private final int maxModuleBytes;
  private final List<HostFunction> functions;

  /**
   * @param maxModuleBytes the size of the largest module
   * @param functions all that a module may import
   */
  public ModuleValidator(int maxModuleBytes, List<HostFunction> functions) {
    this.maxModuleBytes = maxModuleBytes;
    this.functions = List.copyOf(functions);
  }

  /**
   * Checks a module.
   *
   * @throws ModuleRefusedException naming what is wrong with it
   */
  public ValidatedModule validate(WasmBinary wasm, Limits limits) {
    checkSize(wasm);
    var original = ModuleShape.of(wasm);
    var content = ModuleContent.of(wasm, original);
    return content.isEmpty()
        ? validate(wasm, original, limits, null)
        : validate(
            content.orElseThrow().code(),
            ModuleShape.of(content.orElseThrow().code()),
            limits,
            content.orElseThrow().bytes());
  }

  private ValidatedModule validate(
      WasmBinary wasm, ModuleShape shape, Limits limits, @Nullable Document content) {
    var imports = new ArrayList<HostFunction>();
    for (var wanted : shape.imports()) {
      imports.add(resolve(wanted));
    }
    checkMemory(shape);
    checkTables(shape);
    requireStartsWithin(shape, limits);
    var entry = entryPoint(shape);
    boolean initialize = hasInitializer(shape, entry);
    boolean prepares = prepares(shape, entry);
    var probe = GrowthProbe.insertInto(wasm, shape);
    var probed = probe.map(GrowthProbe::wasm).orElse(wasm);
    if (!prepares) {
      return new ValidatedModule(
          probed,
          ModuleShape.of(probed),
          probe,
          imports,
          entry,
          initialize,
          Optional.empty(),
          content);
    }
    // After the probe, whose global is state of the instance like any other.
    var state = StateExports.of(probed, ModuleShape.of(probed));
    var preparer =
        new Preparer(
            requireType(
                    shape,
                    shape.export(Preparer.EXPORT).orElseThrow(),
                    FunctionType.VOID,
                    FunctionType.EXIT_CODE)
                .equals(FunctionType.EXIT_CODE),
            state.globals());
    return new ValidatedModule(
        state.wasm(),
        ModuleShape.of(state.wasm()),
        probe,
        imports,
        entry,
        initialize,
        Optional.of(preparer),
        content);
  }

  /**
   * Everything that is wrong with a module, for its author; {@link #validate} ends at the first.
   */
  public List<String> problems(WasmBinary wasm, Limits limits) {
    var problems = new ArrayList<String>();
    collect(() -> checkSize(wasm), problems);
    collect(
        () -> {
          var shape = ModuleShape.of(wasm);
          collect(() -> ModuleContent.of(wasm, shape), problems);
          shape.imports().forEach(wanted -> collect(() -> resolve(wanted), problems));
          collect(() -> checkMemory(shape), problems);
          collect(() -> checkTables(shape), problems);
          if (!shape.memories().isEmpty()) {
            collect(() -> requireStartsWithin(shape, limits), problems);
          }
          collect(() -> hasInitializer(shape, entryPoint(shape)), problems);
          if (shape.imports().stream().allMatch(ImportedFunction.class::isInstance)) {
            collect(() -> checkPreparation(wasm, shape), problems);
          }
        },
        problems);
    return List.copyOf(problems);
  }

  private static void collect(Runnable check, List<String> problems) {
    try {
      check.run();
    } catch (ModuleRefusedException refused) {
      problems.add(String.valueOf(refused.getMessage()));
    }
  }

  private void checkSize(WasmBinary wasm) {
    if (wasm.size() > maxModuleBytes) {
      throw refusal(
          Reason.TOO_LARGE,
          "the module has %d bytes, the maximum is %d".formatted(wasm.size(), maxModuleBytes));
    }
  }

  private HostFunction resolve(Import wanted) {
    return switch (wanted) {
      case ImportedFunction function -> resolve(function);
      case NonFunctionImport thing ->
          throw refusal(
              Reason.UNKNOWN_IMPORT,
              "the module imports the %s %s; a handler may import functions only%s%s"
                  .formatted(
                      thing.kind(),
                      qualifiedName(thing),
                      thing.kind() == Kind.MEMORY ? " and defines its own memory" : "",
                      ImportAdvice.of(thing)));
    };
  }

  private HostFunction resolve(ImportedFunction wanted) {
    for (var function : functions) {
      if (function.module().equals(wanted.module()) && function.name().equals(wanted.name())) {
        var expected = function.signature();
        if (!expected.equals(wanted.type().toString())) {
          throw refusal(
              Reason.WRONG_SIGNATURE,
              "the module imports %s as %s, but it is %s%s"
                  .formatted(
                      qualifiedName(wanted), wanted.type(), expected, ImportAdvice.of(wanted)));
        }
        return function;
      }
    }
    throw unknownImport(wanted);
  }

  private ModuleRefusedException unknownImport(ImportedFunction wanted) {
    var modules =
        functions.stream()
            .map(HostFunction::module)
            .distinct()
            .filter(module -> !module.equals(HostFunctionTable.ENV_MODULE))
            .toList();
    var home =
        functions.stream().filter(function -> function.name().equals(wanted.name())).findFirst();
    if (!modules.contains(wanted.module())) {
      return refusal(
          Reason.UNKNOWN_IMPORT,
          "the module imports %s from an unknown module; a handler may import from %s%s"
              .formatted(
                  qualifiedName(wanted),
                  modules.stream().collect(joining(" and ")),
                  home.map(
                          function ->
                              "; '%s' is in %s".formatted(function.name(), function.module()))
                      .orElseGet(() -> ImportAdvice.of(wanted))));
    }
    var names =
        functions.stream()
            .filter(function -> function.module().equals(wanted.module()))
            .map(HostFunction::name)
            .toList();
    return refusal(
        Reason.UNKNOWN_IMPORT,
        "the module imports the unknown function %s%s"
            .formatted(
                qualifiedName(wanted),
                NearestName.of(wanted.name(), names)
                    .map(near -> "; did you mean '" + near + "'?")
                    .orElseGet(() -> ImportAdvice.of(wanted))));
  }

  /**
   * Checks what a module has before it grows anything.
   *
   * @throws ModuleRefusedException naming what starts with more than its limit
   */
  public static void requireStartsWithin(ModuleShape shape, Limits limits) {
    long initial = shape.memories().getFirst().min() * ModuleShape.PAGE_BYTES;
    if (initial > limits.memoryBytes()) {
      throw refusal(
          Reason.OVER_LIMIT,
          ("the module's memory starts with %d bytes, the limit is %d; allow more (memory_bytes of"
                  + " the manifest, limits.memory or a class of the policy), or build with a"
                  + " smaller stack and heap (linker: -z stack-size=65536; TeaVM: minHeapSize)")
              .formatted(initial, limits.memoryBytes()));
    }
    for (var table : shape.tables()) {
      if (table.size().min() > limits.tableElements()) {
        throw refusal(
            Reason.OVER_LIMIT,
            "the module's table starts with %d elements, the limit is %d"
                .formatted(table.size().min(), limits.tableElements()));
      }
    }
  }

  private static void checkMemory(ModuleShape shape) {
    var memory = shape.export("memory");
    if (memory.isEmpty() || memory.orElseThrow().kind() != Kind.MEMORY) {
      throw refusal(Reason.MISSING_EXPORT, "the module exports no memory named 'memory'");
    }
    if (shape.memories().size() != LimitKind.MEMORIES.defaultValue()) {
      throw refusal(
          Reason.OVER_LIMIT,
          "the module defines %d memories, the maximum is %d"
              .formatted(shape.memories().size(), LimitKind.MEMORIES.defaultValue()));
    }
  }

  private static void checkTables(ModuleShape shape) {
    // With one table its own size is the sum, which is what the limit means on every engine.
    if (shape.tables().size() > LimitKind.TABLES.defaultValue()) {
      throw refusal(
          Reason.OVER_LIMIT,
          "the module defines %d tables, the maximum is %d"
              .formatted(shape.tables().size(), LimitKind.TABLES.defaultValue()));
    }
  }

  private static EntryPoint entryPoint(ModuleShape shape) {
    var run = shape.export("run");
    var start = shape.export("_start");
    if (run.isPresent() && start.isPresent()) {
      throw refusal(
          Reason.INVALID,
          "the module exports both 'run' and '_start'; it is either a reactor or a WASI command");
    }
    if (start.isPresent()) {
      requireType(shape, start.orElseThrow(), FunctionType.VOID);
      return EntryPoint.START;
    }
    if (run.isPresent()) {
      return requireType(shape, run.orElseThrow(), FunctionType.VOID, FunctionType.EXIT_CODE)
              .equals(FunctionType.EXIT_CODE)
          ? EntryPoint.RUN_WITH_EXIT_CODE
          : EntryPoint.RUN;
    }
    throw refusal(
        Reason.MISSING_EXPORT,
        "the module exports neither the function 'run' nor, as a WASI command, '_start'");
  }

  private static boolean hasInitializer(ModuleShape shape, EntryPoint entry) {
    var initialize = shape.export("_initialize");
    if (initialize.isEmpty()) {
      return false;
    }
    if (entry == EntryPoint.START) {
      throw refusal(
          Reason.INVALID,
          "the module exports both '_initialize' and '_start'; a WASI command has no initialiser");
    }
    requireType(shape, initialize.orElseThrow(), FunctionType.VOID);
    return true;
  }

  private static boolean prepares(ModuleShape shape, EntryPoint entry) {
    var prepare = shape.export(Preparer.EXPORT);
    if (prepare.isEmpty()) {
      return false;
    }
    if (entry == EntryPoint.START) {
      throw refusal(
          Reason.INVALID,
          "the module exports both 'prepare' and '_start'; a WASI command cannot be prepared");
    }
    requireType(shape, prepare.orElseThrow(), FunctionType.VOID, FunctionType.EXIT_CODE);
    return true;
  }

  private static void checkPreparation(WasmBinary wasm, ModuleShape shape) {
    var run = shape.export("run");
    if (prepares(shape, run.isPresent() ? EntryPoint.RUN : EntryPoint.START)) {
      StateExports.of(wasm, shape);
    }
  }

  private static FunctionType requireType(
      ModuleShape shape, Export export, FunctionType... wanted) {
    var allowed = List.of(wanted);
    var expected = allowed.stream().map(FunctionType::toString).collect(joining(" or "));
    if (export.kind() != Kind.FUNCTION) {
      throw refusal(
          Reason.WRONG_SIGNATURE,
          "the export '%s' is a %s, it must be a function %s"
              .formatted(export.name(), export.kind(), expected));
    }
    var type = shape.functionType(export.index());
    if (!allowed.contains(type)) {
      throw refusal(
          Reason.WRONG_SIGNATURE,
          "the exported function '%s' is %s, it must be %s"
              .formatted(export.name(), type, expected));
    }
    return type;
  }

  private static String qualifiedName(Import wanted) {
    return "'%s.%s'"
        .formatted(
            SafeText.sanitize(wanted.module(), MAX_NAME_CHARACTERS),
            SafeText.sanitize(wanted.name(), MAX_NAME_CHARACTERS));
  }

  private static ModuleRefusedException refusal(Reason reason, String message) {
    return new ModuleRefusedException(reason, message);
  }
}
