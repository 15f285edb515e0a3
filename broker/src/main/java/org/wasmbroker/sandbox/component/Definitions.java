package org.wasmbroker.sandbox.component;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.WasmReader;
import org.wasmbroker.sandbox.component.ComponentShape.CoreItem;
import org.wasmbroker.sandbox.component.ComponentShape.ImportedFunction;
import org.wasmbroker.sandbox.component.ComponentShape.Lift;

/** What is in the index spaces of a component while it is read. */
final class Definitions {
  private static final int MAX_DEFINITIONS = 200_000;

  private Definitions() {}

  private static final class Budget {
    int left = MAX_DEFINITIONS;
  }

  /** What a component can import, export and pass on. */
  sealed interface Item {}

  /** A type. */
  sealed interface TypeDef extends Item {}

  /**
   * A type of values.
   *
   * @param weight how many types it is made of, each time that one is used
   * @param depth how far its types are nested
   */
  record ValueTypeDef(WitType type, int weight, int depth) implements TypeDef {}

  /** A type of functions. */
  record FunctionTypeDef(Signature signature) implements TypeDef {}

  /** A type of instances: what they export. */
  record InstanceTypeDef(Map<String, TypeDef> exports) implements TypeDef {}

  /** A resource of the host. */
  record ResourceDef(String name) implements TypeDef {}

  /** A type that nothing is done with, such as that of a component. */
  record OpaqueTypeDef() implements TypeDef {}

  /** A function of the component. */
  sealed interface FunctionDef extends Item {}

  record Imported(ImportedFunction function) implements FunctionDef {}

  record Lifted(Lift lift) implements FunctionDef {}

  /** An instance of the component. */
  sealed interface InstanceDef extends Item {
    /** Null if it has none of that name. */
    @Nullable Item export(String name);

    /** An imported one. */
    record OfType(String name, InstanceTypeDef type) implements InstanceDef {
      @Override
      public @Nullable Item export(String export) {
        @Nullable TypeDef item = type.exports().get(export);
        return item instanceof FunctionTypeDef(Signature signature)
            ? new Imported(new ImportedFunction(name, export, signature))
            : item;
      }
    }

    /** One that is made of what there is. */
    record Of(Map<String, Item> items) implements InstanceDef {
      @Override
      public @Nullable Item export(String export) {
        return items.get(export);
      }
    }
  }

  /** A component in the component, which is read where it is instantiated. */
  record ComponentBytes(Scope scope, int start, int end) implements Item {}

  /** A core instance. */
  sealed interface CoreInstanceDef {}

  /** One that is made of what there is. */
  record CoreBag(Map<String, CoreItem> items) implements CoreInstanceDef {}

  /** An instance of a core module, by its place in the order in which they are made. */
  record CoreMade(int index) implements CoreInstanceDef {}

  /** The index spaces of one component, or of one type of instances. */
  static final class Scope {
    final @Nullable Scope outer;
    final Map<String, Item> arguments;
    final Map<String, Item> exports = new LinkedHashMap<>();
    final List<Integer> coreModules = new ArrayList<>();
    final List<CoreInstanceDef> coreInstances = new ArrayList<>();
    final List<CoreItem> coreFunctions = new ArrayList<>();
    final List<CoreItem> coreTables = new ArrayList<>();
    final List<CoreItem> coreMemories = new ArrayList<>();
    final List<CoreItem> coreGlobals = new ArrayList<>();
    final List<FunctionDef> functions = new ArrayList<>();
    final List<TypeDef> types = new ArrayList<>();
    final List<ComponentBytes> components = new ArrayList<>();
    final List<InstanceDef> instances = new ArrayList<>();

    private final Budget budget;

    /**
     * @param arguments what it is given for its imports
     */
    Scope(@Nullable Scope outer, Map<String, Item> arguments) {
      this.outer = outer;
      this.arguments = arguments;
      this.budget = outer == null ? new Budget() : outer.budget;
    }

    /** Called for each definition, and each part of one, of the whole component. */
    void spend(WasmReader in) {
      budget.left--;
      if (budget.left < 0) {
        throw in.invalid("the component has more than %d definitions".formatted(MAX_DEFINITIONS));
      }
    }

    List<? extends Item> space(int sort, WasmReader in) {
      return switch (sort) {
        case 1 -> functions;
        case 3 -> types;
        case 4 -> components;
        case 5 -> instances;
        default -> throw in.invalid("sort %d of a component is unknown".formatted(sort));
      };
    }

    List<CoreItem> core(int sort, WasmReader in) {
      return switch (sort) {
        case 0 -> coreFunctions;
        case 1 -> coreTables;
        case 2 -> coreMemories;
        case 3 -> coreGlobals;
        default -> throw in.invalid("core sort %d is not supported".formatted(sort));
      };
    }

    static int coreSort(Kind kind) {
      return switch (kind) {
        case FUNCTION -> 0;
        case TABLE -> 1;
        case MEMORY -> 2;
        case GLOBAL -> 3;
      };
    }

    void add(Item item) {
      switch (item) {
        case FunctionDef function -> functions.add(function);
        case TypeDef type -> types.add(type);
        case InstanceDef instance -> instances.add(instance);
        case ComponentBytes component -> components.add(component);
      }
    }

    /** Adds what must be of that sort. */
    void add(int sort, Item item, WasmReader in) {
      var space = space(sort, in);
      int before = space.size();
      add(item);
      if (space.size() == before) {
        throw in.invalid("an alias is of another sort than what it names");
      }
    }

    /**
     * Adds what the component around has, as the two numbers that follow say.
     *
     * @param sort -1 for a core one
     */
    void addOuter(int sort, int coreSort, WasmReader in) {
      var scope = this;
      int levels = in.intUpTo(100, "how far out an alias goes");
      for (int i = 0; i < levels; i++) {
        var next = scope.outer;
        if (next == null) {
          throw in.invalid("an alias goes out of the component");
        }
        scope = next;
      }
      if (sort == -1) {
        if (coreSort != 0x11) {
          throw in.invalid("an alias of core sort %d is not supported".formatted(coreSort));
        }
        coreModules.add(scope.coreModules.get(in.index(scope.coreModules.size(), "a module")));
        return;
      }
      if (sort != 3 && sort != 4) {
        throw in.invalid("an alias of sort %d goes out of a component".formatted(sort));
      }
      var space = scope.space(sort, in);
      add(sort, space.get(in.index(space.size(), "what an alias names")), in);
    }
  }
}
