package org.wasmbroker.sandbox.component;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.GrowthProbe;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.component.ComponentShape.Drop;
import org.wasmbroker.sandbox.component.ComponentShape.Exported;
import org.wasmbroker.sandbox.component.ComponentShape.ImportedFunction;
import org.wasmbroker.sandbox.component.ComponentShape.Lift;
import org.wasmbroker.sandbox.component.ComponentShape.Lowered;
import org.wasmbroker.sandbox.component.ComponentShape.LoweredImport;
import org.wasmbroker.sandbox.component.ComponentShape.Lowering;
import org.wasmbroker.sandbox.component.ValidatedComponent.Entry;
import org.wasmbroker.sandbox.component.ValidatedComponent.Export;
import org.wasmbroker.sandbox.component.ValidatedComponent.HostBody;
import org.wasmbroker.sandbox.component.ValidatedComponent.HostImport;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;

/**
 * Decides whether a component may run at all: it must import nothing but functions of the host with
 * their right types, export what a handler or a command does, and start within its limits. Messages
 * name what is wrong, so that the component's author can fix it.
 */
public final class ComponentValidator {
  /** The export of a handler. */
  static final String RUN = "run";

  /** What a handler's {@code run} is, see {@code docs/wit/wasm-broker.wit}. */
  static final String RUN_TYPE =
      "func(string) -> result<string, record{type: string, message: string, retryable: bool, code:"
          + " option<string>, retry-after-ms: option<u64>, context: option<string>}>";

  /** Tables of a component: those of its program, and those of what binds it to its imports. */
  public static final int MAX_TABLES = 8;

  /** The core modules of one program, its libraries, and what binds it to its imports. */
  public static final int MAX_INSTANCES = 64;

  /**
   * Functions, imports and globals of all core instances: for each the engine keeps some 32 bytes
   * in every run, which no limit of the guest counts.
   */
  private static final int MAX_DEFINITIONS = 100_000;

  private static final Pattern COMMAND = Pattern.compile("wasi:cli/run@0\\.2\\.[0-9]+#run");
  private static final Predicate<String> SERVED =
      Pattern.compile("wasi:http/incoming-handler@.*").asMatchPredicate();
  private static final Pattern VERSIONED = Pattern.compile("([^@]*)@([0-9]+\\.[0-9]+\\.[0-9]+)");
  private static final int MAX_NAME_CHARACTERS = 120;

  /** What an author can read of imports that are not there; a component may have thousands. */
  private static final int MAX_PROBLEMS = 100;

  private final int maxBytes;
  private final ComponentFunctions functions;

  /**
   * @param maxBytes the size of the largest component
   */
  public ComponentValidator(int maxBytes, ComponentFunctions functions) {
    this.maxBytes = maxBytes;
    this.functions = functions;
  }

  /**
   * Checks a component.
   *
   * @throws ModuleRefusedException naming what is wrong with it
   */
  public ValidatedComponent validate(WasmBinary wasm, Limits limits) {
    requireSize(wasm);
    var shape = ComponentParser.parse(wasm);
    shape.imports().forEach(this::resolve);
    var plan = new Plan(shape);
    plan.requireStartsWithin(limits);
    return plan.validated();
  }

  /**
   * Everything that is wrong with a component, for its author: each import that is missing or
   * mistyped, and the first thing that is wrong with the rest of it.
   *
   * @return a sentence each; of imports at most {@value #MAX_PROBLEMS}, and how many more there are
   */
  public List<String> problems(WasmBinary wasm, Limits limits) {
    var problems = new ArrayList<String>();
    collect(() -> requireSize(wasm), problems);
    collect(
        () -> {
          var shape = ComponentParser.parse(wasm);
          importProblems(shape, problems);
          collect(() -> new Plan(shape).requireStartsWithin(limits), problems);
        },
        problems);
    return List.copyOf(problems);
  }

  /** What may be imported instead is said once. */
  private void importProblems(ComponentShape shape, List<String> problems) {
    var refusals = new ArrayList<String>();
    int more = 0;
    for (var wanted : shape.imports()) {
      try {
        var _ = resolve(wanted);
      } catch (ModuleRefusedException refused) {
        if (refusals.size() < MAX_PROBLEMS) {
          refusals.add(String.valueOf(refused.getMessage()));
        } else {
          more++;
        }
      }
    }
    var advice = importable();
    boolean advised = false;
    for (var refusal : refusals) {
      boolean advises = refusal.endsWith(advice);
      problems.add(
          advises && advised ? refusal.substring(0, refusal.length() - advice.length()) : refusal);
      advised |= advises;
    }
    if (more > 0) {
      problems.add("%d more imports are missing or mistyped".formatted(more));
    }
  }

  private String importable() {
    return functions
        .instances()
        .map(name -> name + (name.startsWith("wasi:") ? "@0.2" : "@1"))
        .collect(joining(", ", "; a component may import from ", ""));
  }

  private static void collect(Runnable check, List<String> problems) {
    try {
      check.run();
    } catch (ModuleRefusedException refused) {
      problems.add(String.valueOf(refused.getMessage()));
    }
  }

  private void requireSize(WasmBinary wasm) {
    if (wasm.size() > maxBytes) {
      throw refusal(
          Reason.TOO_LARGE,
          "the component has %d bytes, the maximum is %d".formatted(wasm.size(), maxBytes));
    }
  }

  private ComponentFunction resolve(ImportedFunction wanted) {
    var instance = unversioned(wanted);
    var function = functions.find(instance, wanted.name());
    if (function == null) {
      throw unknownImport(wanted, instance);
    }
    var type = wanted.signature().text();
    if (!type.equals(function.type())) {
      throw refusal(
          Reason.WRONG_SIGNATURE,
          "the component imports %s as %s, but it is %s"
              .formatted(quoted(wanted), SafeText.sanitize(type, 1000), function.type()));
    }
    return function;
  }

  /** The name of its interface without a version that fits. */
  private static String unversioned(ImportedFunction wanted) {
    var versioned = VERSIONED.matcher(wanted.instance());
    if (!versioned.matches()) {
      return "";
    }
    var supported = versioned.group(1).startsWith("wasi:") ? "0.2." : "1.";
    return versioned.group(2).startsWith(supported) ? versioned.group(1) : "";
  }

  private ModuleRefusedException unknownImport(ImportedFunction wanted, String instance) {
    var known = functions.instances().toList();
    if (known.contains(instance)) {
      var names =
          functions.all().stream()
              .filter(function -> function.instance().equals(instance))
              .map(ComponentFunction::name)
              .toList();
      return refusal(
          Reason.UNKNOWN_IMPORT,
          "the component imports the unknown function %s%s"
              .formatted(
                  quoted(wanted),
                  NearestName.of(wanted.name(), names)
                      .map(near -> "; did you mean '" + near + "'?")
                      .orElse("")));
    }
    return refusal(
        Reason.UNKNOWN_IMPORT,
        "the component imports %s, which the broker does not have%s"
            .formatted(quoted(wanted), importable()));
  }

  private static String quoted(ImportedFunction function) {
    return "'" + SafeText.sanitize(function.toString(), MAX_NAME_CHARACTERS) + "'";
  }

  /** One component on its way from what was read to what is run. */
  private final class Plan {
    private final ComponentShape shape;
    private final Lift run;
    private final boolean takesStep;
    private final @Nullable Export memory;
    private final int memoryModule;
    private final long memoryBytes;
    private final int tables;
    private final long tableElements;

    Plan(ComponentShape shape) {
      this.shape = shape;
      var handler = shape.exports().get(RUN);
      var command =
          shape.exports().entrySet().stream()
              .filter(export -> COMMAND.matcher(export.getKey()).matches())
              .map(Map.Entry::getValue)
              .findFirst();
      if (handler != null && command.isPresent()) {
        throw refusal(
            Reason.INVALID,
            "the component exports both 'run' and 'wasi:cli/run'; it is either a handler or a"
                + " command");
      }
      if (handler == null && command.isEmpty()) {
        throw refusal(
            Reason.MISSING_EXPORT,
            "the component exports neither the function 'run' of the world wasm-broker:handler nor,"
                + " as a command, wasi:cli/run@0.2"
                + (shape.exports().keySet().stream().anyMatch(SERVED)
                    ? "; it exports wasi:http/incoming-handler, which is not supported: steps come"
                        + " from a queue"
                    : ""));
      }
      this.takesStep = handler != null;
      this.run = handler == null ? command.orElseThrow() : handler;
      requireType(run, takesStep);
      int memories = 0;
      int memoryOf = -1;
      int tableCount = 0;
      long elements = 0;
      int definitions = 0;
      for (int i = 0; i < shape.instances().size(); i++) {
        var module = shape.modules().get(shape.instances().get(i).module()).shape();
        if (!module.memories().isEmpty()) {
          memories += module.memories().size();
          memoryOf = i;
        }
        definitions += module.functions().size() + module.imports().size() + module.globals();
        tableCount += module.tables().size();
        for (var table : module.tables()) {
          elements += table.size().min();
        }
      }
      requireAtMost(memories, (int) LimitKind.MEMORIES.defaultValue(), "memories");
      requireAtMost(tableCount, MAX_TABLES, "tables");
      requireAtMost(shape.instances().size(), MAX_INSTANCES, "core instances");
      requireAtMost(definitions, MAX_DEFINITIONS, "functions and globals in its core instances");
      this.tables = tableCount;
      this.tableElements = elements;
      this.memoryModule = memoryOf < 0 ? -1 : shape.instances().get(memoryOf).module();
      this.memory = memoryOf < 0 ? null : memoryExport(memoryOf);
      this.memoryBytes =
          memoryOf < 0
              ? 0
              : shape.modules().get(memoryModule).shape().memories().getFirst().min()
                  * ModuleShape.PAGE_BYTES;
      requireMemories();
    }

    private void requireAtMost(int count, int maximum, String what) {
      if (count > maximum) {
        throw refusal(
            Reason.OVER_LIMIT,
            "the component has %d %s, the maximum is %d".formatted(count, what, maximum));
      }
    }

    private Export memoryExport(int instance) {
      var module = shape.modules().get(memoryModule).shape();
      int index = memoryIndex(module);
      for (var export : module.exports()) {
        if (export.kind() == Kind.MEMORY && export.index() == index) {
          return new Export(instance, export.name());
        }
      }
      throw refusal(
          Reason.MISSING_EXPORT,
          "the core module of the component that defines its memory does not export it");
    }

    private static int memoryIndex(ModuleShape module) {
      int imported = 0;
      for (var one : module.imports()) {
        if (one instanceof ModuleShape.NonFunctionImport thing && thing.kind() == Kind.MEMORY) {
          imported++;
        }
      }
      return imported;
    }

    /** What says that values are in a memory, for functions that have such values. */
    private void requireMemories() {
      for (var lowering : shape.lowerings()) {
        if (lowering instanceof LoweredImport imported) {
          var signature = imported.function().signature();
          boolean results = hasPointers(signature.result());
          boolean pointers =
              signature.paramsInMemory()
                  || signature.resultInMemory()
                  || results
                  || signature.params().stream().anyMatch(Plan::hasPointers);
          requireOptions(
              imported.function().toString(),
              pointers && imported.memory() == null,
              results && imported.realloc() == null);
        }
      }
      if (takesStep) {
        requireOptions(RUN, run.memory() == null, run.realloc() == null);
      }
    }

    private static void requireOptions(String name, boolean noMemory, boolean noRealloc) {
      if (noMemory || noRealloc) {
        throw refusal(
            Reason.INVALID,
            "the component does not say the %s of '%s'"
                .formatted(
                    noMemory ? "memory" : "realloc function",
                    SafeText.sanitize(name, MAX_NAME_CHARACTERS)));
      }
    }

    private static boolean hasPointers(@Nullable WitType type) {
      return switch (type) {
        case null -> false;
        case WitType.Primitive primitive -> primitive == WitType.Primitive.STRING;
        case WitType.ListOf _ -> true;
        case WitType.Fields fields -> fields.types().stream().anyMatch(Plan::hasPointers);
        case WitType.Choices choices -> choices.payloads().stream().anyMatch(Plan::hasPointers);
        case WitType.Flags _, WitType.Handle _ -> false;
      };
    }

    void requireStartsWithin(Limits limits) {
      ComponentValidator.requireStartsWithin(memoryBytes, tableElements, limits);
    }

    ValidatedComponent validated() {
      var modules = new ArrayList<WasmBinary>();
      Optional<GrowthProbe> probe = Optional.empty();
      for (int i = 0; i < shape.modules().size(); i++) {
        var module = shape.modules().get(i);
        if (i == memoryModule) {
          probe = GrowthProbe.insertInto(module.wasm(), module.shape());
          modules.add(probe.map(GrowthProbe::wasm).orElse(module.wasm()));
        } else {
          modules.add(module.wasm());
        }
      }
      var needs = new TreeMap<String, String>();
      for (var wanted : shape.imports()) {
        resolve(wanted).needs().forEach(name -> needs.putIfAbsent(name, wanted.toString()));
      }
      var used = new HashMap<Integer, Integer>();
      var compiled = new ArrayList<WasmBinary>();
      var instances = new ArrayList<ValidatedComponent.Instance>();
      for (var instance : shape.instances()) {
        int place =
            used.computeIfAbsent(
                instance.module(),
                module -> {
                  compiled.add(modules.get(module));
                  return compiled.size() - 1;
                });
        var imports =
            instance.imports().stream()
                .<ValidatedComponent.Import>map(
                    item ->
                        switch (item) {
                          case Exported exported -> export(exported);
                          case Lowered lowered -> new HostImport(lowered.index());
                        })
                .toList();
        instances.add(new ValidatedComponent.Instance(place, imports));
      }
      return new ValidatedComponent(
          takesStep ? GuestKind.REACTOR : GuestKind.COMMAND,
          compiled,
          instances,
          shape.lowerings().stream().map(this::function).toList(),
          entry(),
          memory,
          probe,
          memoryBytes,
          tables,
          tableElements,
          needs,
          shape.content());
    }

    private Entry entry() {
      var core = export(run.core());
      var realloc = exportOrNull(run.realloc());
      var postReturn = exportOrNull(run.postReturn());
      if (!takesStep) {
        return new Entry(null, List.of(core), guest -> (int) guest.call(core));
      }
      var exports = new ArrayList<Export>();
      exports.add(core);
      for (var export : new Export[] {realloc, postReturn}) {
        if (export != null) {
          exports.add(export);
        }
      }
      return new Entry(realloc, exports, new HandlerRun(run.signature(), core, postReturn));
    }

    private ValidatedComponent.Function function(Lowering lowering) {
      return switch (lowering) {
        case LoweredImport imported ->
            new ValidatedComponent.Function(
                lowering.type(),
                exportOrNull(imported.realloc()),
                body(imported.function().signature(), resolve(imported.function())));
        case Drop(String resource) ->
            new ValidatedComponent.Function(lowering.type(), null, drop(resource));
      };
    }

    private HostBody body(Signature signature, ComponentFunction function) {
      int pointer = signature.lowered().params().size() - 1;
      return (guest, arguments) -> {
        var values = new Values(guest);
        var given = values.parameters(signature, arguments::get);
        var result = function.body().call(new ComponentCall(guest), given);
        return values.result(
            signature, result, signature.resultInMemory() ? (int) arguments.get(pointer) : 0);
      };
    }

    private HostBody drop(String resource) {
      return (guest, arguments) -> {
        var value = guest.handles().take(resource, (int) arguments.get(0), guest.run());
        functions.droppers().drop(new ComponentCall(guest), resource, value);
        return 0;
      };
    }

    static Export export(Exported exported) {
      return new Export(exported.instance(), exported.name());
    }

    static @Nullable Export exportOrNull(@Nullable Exported exported) {
      return exported == null ? null : export(exported);
    }
  }

  /**
   * Checks what a component has before it grows anything.
   *
   * @throws ModuleRefusedException naming what starts with more than its limit
   */
  public static void requireStartsWithin(long memoryBytes, long tableElements, Limits limits) {
    if (memoryBytes > limits.memoryBytes()) {
      throw refusal(
          Reason.OVER_LIMIT,
          ("the component's memory starts with %d bytes, the limit is %d; allow more (memory_bytes"
                  + " of the manifest, limits.memory or a class of the policy)")
              .formatted(memoryBytes, limits.memoryBytes()));
    }
    if (tableElements > limits.tableElements()) {
      throw refusal(
          Reason.OVER_LIMIT,
          "the component's tables start with %d elements, the limit is %d"
              .formatted(tableElements, limits.tableElements()));
    }
  }

  private static void requireType(Lift run, boolean takesStep) {
    var type = run.signature().text();
    var expected = takesStep ? RUN_TYPE : "func() -> result";
    if (!type.equals(expected)) {
      throw refusal(
          Reason.WRONG_SIGNATURE,
          "the exported function 'run' is %s, it must be %s"
              .formatted(SafeText.sanitize(type, 1000), expected));
    }
  }

  /** The names of the interfaces that a component imports functions from, and how it is run. */
  public static Summary summary(WasmBinary wasm) {
    var shape = ComponentParser.parse(wasm);
    var imports = new TreeSet<String>();
    shape.imports().forEach(function -> imports.add(function.toString()));
    return new Summary(
        List.copyOf(imports),
        shape.exports().keySet().stream().sorted().toList(),
        shape.modules().size());
  }

  /** Whether it is a component that exports what a handler does. */
  public static boolean isHandler(WasmBinary wasm) {
    return ComponentBinary.isComponent(wasm)
        && ComponentParser.parse(wasm).exports().containsKey(RUN);
  }

  /**
   * What a component imports and exports.
   *
   * @param imports functions, such as {@code wasi:cli/exit@0.2.0#exit}
   * @param exports functions
   * @param modules how many core modules it has
   */
  public record Summary(List<String> imports, List<String> exports, int modules) {}

  private static ModuleRefusedException refusal(Reason reason, String message) {
    return new ModuleRefusedException(reason, message);
  }
}
