package org.wasmbroker.sandbox.component;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.WasmReader;
import org.wasmbroker.sandbox.component.ComponentShape.CoreInstance;
import org.wasmbroker.sandbox.component.ComponentShape.CoreItem;
import org.wasmbroker.sandbox.component.ComponentShape.CoreModule;
import org.wasmbroker.sandbox.component.ComponentShape.Drop;
import org.wasmbroker.sandbox.component.ComponentShape.Exported;
import org.wasmbroker.sandbox.component.ComponentShape.ImportedFunction;
import org.wasmbroker.sandbox.component.ComponentShape.Lift;
import org.wasmbroker.sandbox.component.ComponentShape.Lowered;
import org.wasmbroker.sandbox.component.ComponentShape.LoweredImport;
import org.wasmbroker.sandbox.component.ComponentShape.Lowering;
import org.wasmbroker.sandbox.component.Definitions.ComponentBytes;
import org.wasmbroker.sandbox.component.Definitions.CoreBag;
import org.wasmbroker.sandbox.component.Definitions.CoreInstanceDef;
import org.wasmbroker.sandbox.component.Definitions.CoreMade;
import org.wasmbroker.sandbox.component.Definitions.Imported;
import org.wasmbroker.sandbox.component.Definitions.InstanceDef;
import org.wasmbroker.sandbox.component.Definitions.InstanceTypeDef;
import org.wasmbroker.sandbox.component.Definitions.Item;
import org.wasmbroker.sandbox.component.Definitions.Lifted;
import org.wasmbroker.sandbox.component.Definitions.Scope;
import org.wasmbroker.sandbox.component.Definitions.TypeDef;
import org.wasmbroker.step.Document;

/**
 * Takes an untrusted component apart: no length is used before it is checked, and what it can make
 * us allocate is bounded. The component may be what compilers make of one program: core modules
 * that are linked with each other and with imports. A component within it may pass on what it is
 * given, but have no code.
 */
final class ComponentParser {
  static final int HEADER_BYTES = 8;

  // Far above what compilers emit; they bound what a hostile component can make us do.
  private static final int MAX_SECTIONS = 10_000;
  private static final int MAX_MODULES = 100;
  private static final int MAX_CORE_INSTANCES = 200;
  private static final int MAX_ENTRIES = 10_000;
  private static final int MAX_INSTANTIATIONS = 200;
  private static final int MAX_NESTING = 8;
  private static final int MAX_CANONICAL_FUNCTIONS = 2_000;

  /** What components in the component may have together, beyond the size of the file. */
  private static final int MAX_REPEATED_BYTES = 1 << 20;

  private static final String NO_ASYNC =
      "a component with asynchronous functions, streams or threads is not supported; build for WASI 0.2";

  private final byte[] bytes;
  private final List<CoreModule> modules = new ArrayList<>();

  /** What each core module exports. */
  private final List<Map<String, CoreExport>> coreExports = new ArrayList<>();

  private final List<CoreInstance> coreInstances = new ArrayList<>();
  private final List<Lowering> lowerings = new ArrayList<>();
  private final List<ImportedFunction> imports = new ArrayList<>();
  private final Map<String, Lift> exports = new LinkedHashMap<>();
  private @Nullable Document content;
  private int sections;
  private int instantiations;
  private int canonicalFunctions;
  private long instantiatedBytes;

  private ComponentParser(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * @throws ModuleRefusedException if it is malformed, or uses what no component may
   */
  static ComponentShape parse(WasmBinary component) {
    var bytes = component.bytes();
    var parser = new ComponentParser(bytes);
    parser.component(new Scope(null, Map.of()), HEADER_BYTES, bytes.length, 0);
    return new ComponentShape(
        parser.modules,
        parser.imports,
        parser.coreInstances,
        parser.lowerings,
        parser.exports,
        parser.content);
  }

  private void component(Scope scope, int start, int end, int nesting) {
    var file = new WasmReader(bytes, start, end);
    while (file.hasMore()) {
      sections++;
      if (sections > MAX_SECTIONS) {
        throw file.invalid("the component has more than %d sections".formatted(MAX_SECTIONS));
      }
      int id = file.u8("the id of a section");
      long length = file.u32("the length of section " + id);
      int from = file.offset();
      file.skip(length, "section " + id);
      section(scope, id, new WasmReader(bytes, from, file.offset()), nesting);
    }
  }

  private void section(Scope scope, int id, WasmReader in, int nesting) {
    boolean core = id == 1 || id == 2 || id == 8;
    if (core && nesting > 0) {
      throw refused(
          Reason.INVALID,
          "a component that is composed of components with code is not supported; build it as one"
              + " component");
    }
    switch (id) {
      case 0 -> {
        custom(in, nesting);
        return;
      }
      case 1 -> coreModule(scope, in);
      case 2 -> repeat(scope, in, () -> coreInstance(scope, in));
      case 3 ->
          throw refused(Reason.INVALID, "a component that imports core modules is not supported");
      case 4 -> nestedComponent(scope, in);
      case 5 -> repeat(scope, in, () -> instance(scope, in, nesting));
      case 6 -> repeat(scope, in, () -> alias(scope, in));
      case 7 -> repeat(scope, in, () -> scope.types.add(new TypeReader(in, scope).definition()));
      case 8 -> repeat(scope, in, () -> canonical(scope, in));
      case 9 -> throw refused(Reason.INVALID, "a component with a start function is not supported");
      case 10 -> repeat(scope, in, () -> imported(scope, in, nesting));
      case 11 -> repeat(scope, in, () -> export(scope, in, nesting));
      default -> throw in.invalid("section %d of a component is unknown".formatted(id));
    }
    if (id != 1 && id != 4 && in.hasMore()) {
      throw in.invalid("section %d of a component has trailing bytes".formatted(id));
    }
  }

  /** The one that a module may have, too: what it carries beside its code. */
  private void custom(WasmReader in, int nesting) {
    if (in.name("the name of a custom section").equals(ModuleContent.SECTION) && nesting == 0) {
      if (content != null) {
        throw refused(
            Reason.INVALID,
            "the component has two sections '%s'; its content is one"
                .formatted(ModuleContent.SECTION));
      }
      content = Document.of(Arrays.copyOfRange(bytes, in.offset(), in.end()));
    }
  }

  private static void repeat(Scope scope, WasmReader in, Runnable readEntry) {
    int count = in.intUpTo(MAX_ENTRIES, "the number of entries");
    for (int entry = 0; entry < count; entry++) {
      scope.spend(in);
      readEntry.run();
    }
  }

  private void coreModule(Scope scope, WasmReader in) {
    if (modules.size() == MAX_MODULES) {
      throw in.invalid("the component has more than %d core modules".formatted(MAX_MODULES));
    }
    int start = in.offset();
    int end = in.end();
    var wasm = new WasmBinary(Arrays.copyOfRange(bytes, start, end));
    scope.coreModules.add(modules.size());
    var shape = ModuleShape.of(wasm);
    modules.add(new CoreModule(wasm, shape));
    coreExports.add(exports(shape));
  }

  /** Something that a core module exports: the type of a function, else null. */
  private record CoreExport(Kind kind, @Nullable FunctionType type) {}

  private static Map<String, CoreExport> exports(ModuleShape shape) {
    var functions = new ArrayList<FunctionType>();
    for (var one : shape.imports()) {
      if (one instanceof ModuleShape.ImportedFunction function) {
        functions.add(function.type());
      }
    }
    functions.addAll(shape.functions());
    var exports = new HashMap<String, CoreExport>();
    for (var export : shape.exports()) {
      var type = export.kind() == Kind.FUNCTION ? functions.get(export.index()) : null;
      exports.putIfAbsent(export.name(), new CoreExport(export.kind(), type));
    }
    return exports;
  }

  private void nestedComponent(Scope scope, WasmReader in) {
    int start = in.offset();
    if (in.end() - start < HEADER_BYTES || !ComponentBinary.isComponent(bytes, start)) {
      throw in.invalid("a component in the component has no header");
    }
    scope.components.add(new ComponentBytes(scope, start + HEADER_BYTES, in.end()));
  }

  private void coreInstance(Scope scope, WasmReader in) {
    int form = in.u8("the form of a core instance");
    if (form == 1) {
      var items = new HashMap<String, CoreItem>();
      int count = in.intUpTo(MAX_ENTRIES, "the number of exports of a core instance");
      for (int i = 0; i < count; i++) {
        scope.spend(in);
        var name = in.name("the name of a core export");
        items.put(name, coreItem(scope, in));
      }
      scope.coreInstances.add(new CoreBag(items));
      return;
    }
    if (form != 0) {
      throw in.invalid("a core instance has the form 0x%02x".formatted(form));
    }
    if (coreInstances.size() == MAX_CORE_INSTANCES) {
      throw in.invalid(
          "the component has more than %d core instances".formatted(MAX_CORE_INSTANCES));
    }
    int module = scope.coreModules.get(in.index(scope.coreModules.size(), "a core module"));
    var arguments = new HashMap<String, CoreInstanceDef>();
    int count = in.intUpTo(MAX_ENTRIES, "the number of arguments of a core instance");
    for (int i = 0; i < count; i++) {
      var name = in.name("the name of an argument");
      if (in.u8("the sort of an argument") != 0x12) {
        throw in.invalid("an argument of a core instance is not an instance");
      }
      arguments.put(
          name, scope.coreInstances.get(in.index(scope.coreInstances.size(), "a core instance")));
    }
    var wanted = new ArrayList<CoreItem>();
    for (var one : modules.get(module).shape().imports()) {
      scope.spend(in);
      wanted.add(link(one, arguments.get(one.module()), in));
    }
    scope.coreInstances.add(new CoreMade(coreInstances.size()));
    coreInstances.add(new CoreInstance(module, wanted));
  }

  private CoreItem link(ModuleShape.Import wanted, @Nullable CoreInstanceDef from, WasmReader in) {
    var item = from == null ? null : find(from, wanted.name());
    if (item == null) {
      throw in.invalid(
          "a core module imports '%s.%s', which it is not given"
              .formatted(wanted.module(), wanted.name()));
    }
    boolean fits =
        switch (wanted) {
          case ModuleShape.ImportedFunction function -> function.type().equals(typeOf(item));
          case ModuleShape.NonFunctionImport thing -> thing.kind() == item.kind();
        };
    if (!fits) {
      throw in.invalid(
          "a core module imports '%s.%s' as something else than what it is given"
              .formatted(wanted.module(), wanted.name()));
    }
    return item;
  }

  private static @Nullable FunctionType typeOf(CoreItem item) {
    return switch (item) {
      case Exported exported -> exported.type();
      case Lowered lowered -> lowered.type();
    };
  }

  private @Nullable CoreItem find(CoreInstanceDef instance, String name) {
    return switch (instance) {
      case CoreBag bag -> bag.items().get(name);
      case CoreMade made -> {
        var export = coreExports.get(coreInstances.get(made.index()).module()).get(name);
        yield export == null
            ? null
            : new Exported(made.index(), name, export.kind(), export.type());
      }
    };
  }

  /** Of one of the core index spaces, which the sort that follows says. */
  private CoreItem coreItem(Scope scope, WasmReader in) {
    var space = scope.core(in.u8("the sort of a core item"), in);
    return space.get(in.index(space.size(), "a core item"));
  }

  private void alias(Scope scope, WasmReader in) {
    int sort = in.u8("the sort of an alias");
    int coreSort = sort == 0 ? in.u8("the core sort of an alias") : -1;
    int target = in.u8("the target of an alias");
    switch (target) {
      case 0 -> {
        var instance = scope.instances.get(in.index(scope.instances.size(), "an instance"));
        var name = in.name("the name of an alias");
        var item = instance.export(name);
        if (item == null || sort == 0) {
          throw in.invalid("an instance has no export '%s'".formatted(name));
        }
        scope.add(sort, item, in);
      }
      case 1 -> {
        var instance =
            scope.coreInstances.get(in.index(scope.coreInstances.size(), "a core instance"));
        var name = in.name("the name of an alias");
        var item = find(instance, name);
        var space = scope.core(coreSort, in);
        if (item == null || Scope.coreSort(item.kind()) != coreSort) {
          throw in.invalid("a core instance has no such export '%s'".formatted(name));
        }
        space.add(item);
      }
      case 2 -> scope.addOuter(sort == 0 ? -1 : sort, coreSort, in);
      default -> throw in.invalid("the target of an alias is %d".formatted(target));
    }
  }

  private void canonical(Scope scope, WasmReader in) {
    canonicalFunctions++;
    if (canonicalFunctions > MAX_CANONICAL_FUNCTIONS) {
      throw in.invalid(
          "the component has more than %d canonical functions".formatted(MAX_CANONICAL_FUNCTIONS));
    }
    int kind = in.u8("the kind of a canonical function");
    switch (kind) {
      case 0 -> {
        expectZero(in);
        var core = function(scope, in);
        var options = options(scope, in);
        var type = scope.types.get(in.index(scope.types.size(), "the type of a function"));
        if (!(type instanceof Definitions.FunctionTypeDef(Signature signature))) {
          throw in.invalid("a function has a type that is none of a function");
        }
        scope.functions.add(new Lifted(lift(core, signature, options, in)));
      }
      case 1 -> {
        expectZero(in);
        var function = scope.functions.get(in.index(scope.functions.size(), "a function"));
        var options = options(scope, in);
        if (!(function instanceof Imported(ImportedFunction imported))) {
          throw refused(Reason.INVALID, "a component that calls its own exports is not supported");
        }
        add(scope, new LoweredImport(imported, options.memory, options.realloc));
      }
      case 2, 4 ->
          throw refused(
              Reason.INVALID, "a component that defines resources of its own is not supported");
      case 3 -> {
        var type = scope.types.get(in.index(scope.types.size(), "a resource"));
        if (!(type instanceof Definitions.ResourceDef(String name))) {
          throw in.invalid("what is dropped is no resource");
        }
        add(scope, new Drop(name));
      }
      default -> throw refused(Reason.INVALID, NO_ASYNC);
    }
  }

  private void add(Scope scope, Lowering lowering) {
    scope.coreFunctions.add(new Lowered(lowerings.size(), lowering.type()));
    lowerings.add(lowering);
  }

  private static void expectZero(WasmReader in) {
    if (in.u8("the form of a canonical function") != 0) {
      throw in.invalid("a canonical function has an unknown form");
    }
  }

  private static Exported function(Scope scope, WasmReader in) {
    return exported(
        scope.coreFunctions.get(in.index(scope.coreFunctions.size(), "a core function")), in);
  }

  private static Exported exported(CoreItem item, WasmReader in) {
    if (item instanceof Exported exported) {
      return exported;
    }
    throw in.invalid("a function of the host takes the place of one of the component");
  }

  /** Of a canonical function. */
  private record Options(
      @Nullable Exported memory, @Nullable Exported realloc, @Nullable Exported postReturn) {}

  private static Options options(Scope scope, WasmReader in) {
    @Nullable Exported memory = null;
    @Nullable Exported realloc = null;
    @Nullable Exported postReturn = null;
    int count = in.intUpTo(10, "the number of options");
    for (int i = 0; i < count; i++) {
      int option = in.u8("an option");
      switch (option) {
        case 0 -> {
          // UTF-8
        }
        case 1, 2 ->
            throw refused(
                Reason.INVALID, "a component whose strings are not UTF-8 is not supported");
        case 3 ->
            memory =
                exported(
                    scope.coreMemories.get(in.index(scope.coreMemories.size(), "a memory")), in);
        case 4 -> realloc = requireType(function(scope, in), Guest.REALLOC, in);
        case 5 -> postReturn = function(scope, in);
        default -> throw refused(Reason.INVALID, NO_ASYNC);
      }
    }
    return new Options(memory, realloc, postReturn);
  }

  private static Exported requireType(Exported function, FunctionType type, WasmReader in) {
    if (!type.equals(function.type())) {
      throw in.invalid("a core function is %s, it must be %s".formatted(function.type(), type));
    }
    return function;
  }

  private static Lift lift(Exported core, Signature signature, Options options, WasmReader in) {
    requireType(core, signature.lifted(), in);
    if (options.postReturn != null) {
      requireType(options.postReturn, signature.postReturn(), in);
    }
    return new Lift(core, signature, options.memory, options.realloc, options.postReturn);
  }

  private void imported(Scope scope, WasmReader in, int nesting) {
    var name = externName(in);
    var description = new TypeReader(in, scope).description(name);
    if (nesting > 0) {
      var given = scope.arguments.get(name);
      if (given == null) {
        throw in.invalid("a component in the component is not given '%s'".formatted(name));
      }
      scope.add(given);
      return;
    }
    switch (description) {
      case InstanceTypeDef type -> {
        scope.instances.add(new InstanceDef.OfType(name, type));
        type.exports()
            .forEach(
                (function, item) -> {
                  scope.spend(in);
                  if (item instanceof Definitions.FunctionTypeDef(Signature signature)) {
                    imports.add(new ImportedFunction(name, function, signature));
                  }
                });
      }
      case Definitions.FunctionTypeDef(Signature signature) -> {
        var function = new ImportedFunction("", name, signature);
        imports.add(function);
        scope.functions.add(new Imported(function));
      }
      case TypeDef type -> scope.types.add(type);
    }
  }

  private void instance(Scope scope, WasmReader in, int nesting) {
    int form = in.u8("the form of an instance");
    if (form == 1) {
      var items = new LinkedHashMap<String, Item>();
      int count = in.intUpTo(MAX_ENTRIES, "the number of exports of an instance");
      for (int i = 0; i < count; i++) {
        scope.spend(in);
        var name = externName(in);
        items.put(name, item(scope, in));
      }
      scope.instances.add(new InstanceDef.Of(items));
      return;
    }
    if (form != 0) {
      throw in.invalid("an instance has the form 0x%02x".formatted(form));
    }
    instantiations++;
    if (instantiations > MAX_INSTANTIATIONS || nesting == MAX_NESTING) {
      throw in.invalid("the component has too many components in it, or too deep");
    }
    var component = scope.components.get(in.index(scope.components.size(), "a component"));
    instantiatedBytes += component.end() - component.start();
    if (instantiatedBytes > (long) bytes.length + MAX_REPEATED_BYTES) {
      throw in.invalid("the component instantiates too large components in it too often");
    }
    var arguments = new HashMap<String, Item>();
    int count = in.intUpTo(MAX_ENTRIES, "the number of arguments of an instance");
    for (int i = 0; i < count; i++) {
      scope.spend(in);
      var name = in.name("the name of an argument");
      arguments.put(name, item(scope, in));
    }
    var inner = new Scope(component.scope(), arguments);
    component(inner, component.start(), component.end(), nesting + 1);
    scope.instances.add(new InstanceDef.Of(inner.exports));
  }

  private Item item(Scope scope, WasmReader in) {
    int sort = in.u8("the sort of an item");
    if (sort == 0) {
      throw refused(Reason.INVALID, "a component that passes core modules on is not supported");
    }
    var space = scope.space(sort, in);
    return space.get(in.index(space.size(), "an item"));
  }

  private void export(Scope scope, WasmReader in, int nesting) {
    var name = externName(in);
    var item = item(scope, in);
    int ascribed = in.u8("whether an export has a type");
    if (ascribed == 1) {
      new TypeReader(in, scope).description(name);
    } else if (ascribed != 0) {
      throw in.invalid("an export is neither with nor without a type");
    }
    if (scope.exports.put(name, item) != null) {
      throw in.invalid("the export '%s' is declared twice".formatted(name));
    }
    scope.add(item);
    if (nesting > 0) {
      return;
    }
    switch (item) {
      case Lifted(Lift lift) -> exports.put(name, lift);
      case InstanceDef.Of(var items) ->
          items.forEach(
              (function, exported) -> {
                scope.spend(in);
                if (exported instanceof Lifted(Lift lift)) {
                  exports.put(name + "#" + function, lift);
                }
              });
      default -> {
        // types, and what is only passed on
      }
    }
  }

  static String externName(WasmReader in) {
    int form = in.u8("the form of a name");
    if (form > 1) {
      throw in.invalid("a name has the form 0x%02x".formatted(form));
    }
    return in.name("a name");
  }

  static ModuleRefusedException refused(Reason reason, String message) {
    return new ModuleRefusedException(reason, message);
  }
}
