package org.wasmbroker.sandbox.component;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.binary.WasmReader;
import org.wasmbroker.sandbox.component.Definitions.FunctionTypeDef;
import org.wasmbroker.sandbox.component.Definitions.InstanceTypeDef;
import org.wasmbroker.sandbox.component.Definitions.OpaqueTypeDef;
import org.wasmbroker.sandbox.component.Definitions.ResourceDef;
import org.wasmbroker.sandbox.component.Definitions.Scope;
import org.wasmbroker.sandbox.component.Definitions.TypeDef;
import org.wasmbroker.sandbox.component.Definitions.ValueTypeDef;
import org.wasmbroker.sandbox.component.WitType.Primitive;

/** Reads the types of a component. */
final class TypeReader {
  private static final int MAX_PARTS = 1_000;

  /** How many types one may be made of, so that nothing becomes large by repetition. */
  private static final int MAX_WEIGHT = 5_000;

  /** How far types of values may be nested: they are looked at recursively. */
  private static final int MAX_DEPTH = 50;

  private static final int MAX_LABEL_CHARACTERS = 100;

  /**
   * Words of letters and digits with hyphens between them. Anything else could make the text of one
   * type that of another one.
   */
  private static final Pattern LABEL = Pattern.compile("[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*");

  private static final int MAX_DECLARATIONS = 10_000;
  private static final int MAX_NESTING = 16;

  private final WasmReader in;
  private final Scope scope;
  private final int nesting;

  /** Of the types that the definition is made of, as far as it was read. */
  private int deepest;

  TypeReader(WasmReader in, Scope scope) {
    this(in, scope, 0);
  }

  private TypeReader(WasmReader in, Scope scope, int nesting) {
    this.in = in;
    this.scope = scope;
    this.nesting = nesting;
    if (nesting > MAX_NESTING) {
      throw in.invalid("types are nested too deep");
    }
  }

  /** A type and its weight while it is put together. */
  private record Part(@Nullable WitType type, int weight) {}

  TypeDef definition() {
    int form = in.u8("the form of a type");
    return switch (form) {
      case 0x40 -> function();
      case 0x41 -> {
        declarations(true);
        yield new OpaqueTypeDef();
      }
      case 0x42 -> new InstanceTypeDef(declarations(false));
      case 0x3f ->
          throw ComponentParser.refused(
              Reason.INVALID, "a component that defines resources of its own is not supported");
      case 0x43, 0x65, 0x66 ->
          throw ComponentParser.refused(
              Reason.INVALID,
              "a component with asynchronous functions or streams is not supported; build for WASI"
                  + " 0.2");
      default -> value(form);
    };
  }

  private ValueTypeDef value(int form) {
    deepest = 0;
    var primitive = Primitive.ofCode(form);
    if (primitive != null) {
      return new ValueTypeDef(primitive, 1, 1);
    }
    return switch (form) {
      case 0x72 -> fields(true);
      case 0x6f -> fields(false);
      case 0x71 -> variant();
      case 0x70 -> {
        var element = valueType();
        yield weighed(new WitType.ListOf(element.type()), element.weight());
      }
      case 0x6e -> {
        var labels = labels();
        if (labels.isEmpty() || labels.size() > 32) {
          throw in.invalid("flags have %d labels, the maximum is 32".formatted(labels.size()));
        }
        yield weighed(new WitType.Flags(labels), labels.size());
      }
      case 0x6d -> {
        var labels = labels();
        yield weighed(new WitType.Variant(labels, nothing(labels.size()), true), labels.size());
      }
      case 0x6b -> {
        var some = valueType();
        yield weighed(new WitType.OptionOf(some.type()), some.weight());
      }
      case 0x6a -> {
        var ok = optionalType();
        var error = optionalType();
        yield weighed(new WitType.ResultOf(ok.type(), error.type()), ok.weight() + error.weight());
      }
      case 0x69 -> weighed(new WitType.Handle(resource(), true), 0);
      case 0x68 -> weighed(new WitType.Handle(resource(), false), 0);
      default -> throw in.invalid("a type has the form 0x%02x".formatted(form));
    };
  }

  private static List<@Nullable WitType> nothing(int count) {
    var payloads = new ArrayList<@Nullable WitType>();
    for (int i = 0; i < count; i++) {
      payloads.add(null);
    }
    return payloads;
  }

  private ValueTypeDef weighed(WitType type, int weightOfParts) {
    if (weightOfParts >= MAX_WEIGHT) {
      throw in.invalid("a type is made of more than %d types".formatted(MAX_WEIGHT));
    }
    if (deepest >= MAX_DEPTH) {
      throw in.invalid("the types of values are nested deeper than %d".formatted(MAX_DEPTH));
    }
    return new ValueTypeDef(type, weightOfParts + 1, deepest + 1);
  }

  private ValueTypeDef fields(boolean named) {
    var names = new ArrayList<String>();
    var types = new ArrayList<WitType>();
    int weight = 0;
    int count = in.intUpTo(MAX_PARTS, "the number of fields");
    for (int i = 0; i < count; i++) {
      if (named) {
        names.add(label("the name of a field"));
      }
      var type = valueType();
      types.add(type.type());
      weight = weighed(type.type(), weight + type.weight()).weight();
    }
    return weighed(new WitType.Fields(names, types), weight);
  }

  private ValueTypeDef variant() {
    var names = new ArrayList<String>();
    var payloads = new ArrayList<@Nullable WitType>();
    int weight = 0;
    int count = in.intUpTo(MAX_PARTS, "the number of cases");
    for (int i = 0; i < count; i++) {
      names.add(label("the name of a case"));
      var payload = optionalType();
      payloads.add(payload.type());
      weight = weighed(Primitive.BOOL, weight + payload.weight()).weight();
      if (in.u8("the end of a case") != 0) {
        throw in.invalid("a case refines another one");
      }
    }
    if (count == 0) {
      throw in.invalid("a variant has no case");
    }
    return weighed(new WitType.Variant(names, payloads, false), weight);
  }

  private List<String> labels() {
    var labels = new ArrayList<String>();
    int count = in.intUpTo(MAX_PARTS, "the number of labels");
    for (int i = 0; i < count; i++) {
      scope.spend(in);
      labels.add(label("a label"));
    }
    return labels;
  }

  private String label(String what) {
    return label(in.name(what), what);
  }

  private String label(String name, String what) {
    if (name.length() > MAX_LABEL_CHARACTERS || !LABEL.matcher(name).matches()) {
      throw in.invalid(
          what
              + " is none of words of ASCII letters and digits with hyphens between them, of at most"
              + " %d characters".formatted(MAX_LABEL_CHARACTERS));
    }
    return name;
  }

  private Part optionalType() {
    scope.spend(in);
    if (in.u8("whether there is a type") == 0) {
      return new Part(null, 0);
    }
    var type = valueType();
    return new Part(type.type(), type.weight());
  }

  /** A primitive type, which is a negative number of one byte, or the index of a type. */
  private ValueTypeDef valueType() {
    scope.spend(in);
    int first = in.u8("a type");
    if ((first & 0xC0) == 0x40) {
      var primitive = Primitive.ofCode(first);
      if (primitive == null) {
        throw in.invalid("a type of values is unknown");
      }
      deepest = Math.max(deepest, 1);
      return new ValueTypeDef(primitive, 1, 1);
    }
    long index = first & 0x7f;
    for (int next = first, shift = 7; (next & 0x80) != 0; shift += 7) {
      next = in.u8("the index of a type");
      index |= (long) (next & 0x7f) << shift;
      if (shift > 28 || ((next & 0x80) == 0 && (next & 0x40) != 0)) {
        throw in.invalid("the index of a type is out of range");
      }
    }
    if (index < types().size() && types().get((int) index) instanceof ValueTypeDef type) {
      deepest = Math.max(deepest, type.depth());
      return type;
    }
    throw in.invalid("a type of values is none");
  }

  private List<TypeDef> types() {
    return scope.types;
  }

  private TypeDef typeByIndex() {
    return types().get(in.index(types().size(), "the index of a type"));
  }

  private String resource() {
    if (typeByIndex() instanceof ResourceDef(String name)) {
      return name;
    }
    throw in.invalid("a handle is of no resource");
  }

  private FunctionTypeDef function() {
    deepest = 0;
    var params = new ArrayList<WitType>();
    int weight = 0;
    int count = in.intUpTo(MAX_PARTS, "the number of parameters");
    for (int i = 0; i < count; i++) {
      in.name("the name of a parameter");
      var type = valueType();
      params.add(type.type());
      weight = weighed(type.type(), weight + type.weight()).weight();
    }
    int form = in.u8("the form of results");
    if (form == 0) {
      return new FunctionTypeDef(new Signature(params, valueType().type()));
    }
    if (form != 1 || in.u8("the number of results") != 0) {
      throw in.invalid("a function has named results");
    }
    return new FunctionTypeDef(new Signature(params, null));
  }

  /** Those of a type of instances or of components. */
  private Map<String, TypeDef> declarations(boolean ofComponent) {
    var inner = new Scope(scope, Map.of());
    var reader = new TypeReader(in, inner, nesting + 1);
    var exports = new LinkedHashMap<String, TypeDef>();
    int count = in.intUpTo(MAX_DECLARATIONS, "the number of declarations");
    for (int i = 0; i < count; i++) {
      scope.spend(in);
      int form = in.u8("the form of a declaration");
      switch (form) {
        case 1 -> inner.types.add(reader.definition());
        case 2 -> reader.alias();
        case 3 -> {
          if (!ofComponent) {
            throw in.invalid("a type of instances imports something");
          }
          var name = ComponentParser.externName(in);
          reader.declare(name, reader.description(name));
        }
        case 4 -> {
          var name = ComponentParser.externName(in);
          var item = reader.description(name);
          reader.declare(name, item);
          exports.put(name, item);
        }
        default -> throw in.invalid("a declaration has the form 0x%02x".formatted(form));
      }
    }
    return exports;
  }

  private void declare(String name, TypeDef item) {
    if (item instanceof InstanceTypeDef type) {
      scope.instances.add(new Definitions.InstanceDef.OfType(name, type));
    } else if (!(item instanceof FunctionTypeDef)) {
      scope.types.add(item);
    }
  }

  private void alias() {
    int sort = in.u8("the sort of an alias");
    int coreSort = sort == 0 ? in.u8("the core sort of an alias") : -1;
    int target = in.u8("the target of an alias");
    if (target == 2) {
      scope.addOuter(sort == 0 ? -1 : sort, coreSort, in);
    } else if (target == 0) {
      var instance = scope.instances.get(in.index(scope.instances.size(), "an instance"));
      var item = instance.export(in.name("the name of an alias"));
      if (sort != 3 || !(item instanceof TypeDef type)) {
        throw in.invalid("an alias in a type is of no type");
      }
      scope.types.add(type);
    } else {
      throw in.invalid("an alias in a type is of no type");
    }
  }

  /**
   * What an import or an export is.
   *
   * @param name its own
   */
  TypeDef description(String name) {
    int form = in.u8("what something is");
    return switch (form) {
      case 1 -> {
        if (typeByIndex() instanceof FunctionTypeDef function) {
          yield function;
        }
        throw in.invalid("'%s' is a function of a type that is none".formatted(name));
      }
      case 3 -> {
        int bound = in.u8("the bound of a type");
        yield bound == 0 ? typeByIndex() : abstractType(bound, name);
      }
      case 5 -> {
        if (typeByIndex() instanceof InstanceTypeDef instance) {
          yield instance;
        }
        throw in.invalid("'%s' is an instance of a type that is none".formatted(name));
      }
      case 0, 4 ->
          throw ComponentParser.refused(
              Reason.INVALID,
              "the component imports or exports the %s '%s', which is not supported"
                  .formatted(form == 0 ? "core module" : "component", name));
      default -> throw in.invalid("'%s' is of the unknown form 0x%02x".formatted(name, form));
    };
  }

  private TypeDef abstractType(int bound, String name) {
    if (bound != 1) {
      throw in.invalid("a type has the bound %d".formatted(bound));
    }
    return new ResourceDef(label(name, "the name of a resource"));
  }
}
