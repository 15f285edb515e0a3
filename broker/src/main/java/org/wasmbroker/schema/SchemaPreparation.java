package org.wasmbroker.schema;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.PreparedSchema.Anchor;
import org.wasmbroker.schema.PreparedSchema.Resource;
import org.wasmbroker.schema.PreparedSchema.Target;
import org.wasmbroker.schema.pattern.EcmaPattern;
import org.wasmbroker.schema.pattern.InvalidPatternException;

/** Looks a schema over: is it one, and what do its references mean? */
@SuppressWarnings("ReferenceEquality") // equal schemas at two places are two schemas
final class SchemaPreparation {
  /** Schemas may be written within each other so deep, as in the handlers of the catalog. */
  private static final int MAX_DEPTH = 128;

  private static final List<String> TYPES =
      List.of("null", "boolean", "object", "array", "number", "string", "integer");

  private final JsonValue root;
  private final List<Resource> resources = new ArrayList<>();
  private final Map<JsonValue, Integer> roots = PreparedSchema.byIdentity();
  private final Map<String, Integer> identifiers = new HashMap<>();
  private final Map<JsonValue, Integer> sizes = PreparedSchema.byIdentity();
  private final Map<JsonValue, Target> targets = PreparedSchema.byIdentity();
  private final Map<String, EcmaPattern> patterns = new HashMap<>();
  private final Map<JsonValue, Boolean> seen = PreparedSchema.byIdentity();

  /** References that were met; those at the end are not resolved yet. */
  private final List<Reference> references = new ArrayList<>();

  private String pointer = "";
  private int depth;
  private boolean tracks;

  private SchemaPreparation(JsonValue root) {
    this.root = root;
    add(new Resource("", root, Dialect.DEFAULT));
  }

  private int add(Resource resource) {
    int index = resources.size();
    resources.add(resource);
    roots.put(resource.root, index);
    identifiers.put(resource.uri, index);
    return index;
  }

  static PreparedSchema prepare(JsonValue schema) throws InvalidSchemaException {
    return new SchemaPreparation(schema).prepare();
  }

  /** How a reference is followed. */
  private enum Kind {
    PLAIN,
    DYNAMIC,
    RECURSIVE
  }

  private record Reference(JsonValue.Text text, Kind kind, int resource, String pointer) {
    InvalidSchemaException error(String problem) {
      return new InvalidSchemaException(pointer, "'" + text.value() + "' " + problem);
    }
  }

  /** Something that is done one step further on. */
  @FunctionalInterface
  private interface Visit {
    void run() throws InvalidSchemaException;
  }

  @FunctionalInterface
  private interface MemberVisit {
    void run(String name, JsonValue value) throws InvalidSchemaException;
  }

  private PreparedSchema prepare() throws InvalidSchemaException {
    schema(root, 0);
    // A reference may lead to a place that is no schema by itself; what is there is looked over
    // then.
    for (int i = 0; i < references.size(); i++) {
      var reference = references.get(i);
      var target = resolve(reference);
      targets.put(reference.text, target);
      pointer = reference.pointer;
      depth = 0;
      schema(target.schema(), target.resource());
    }
    return new PreparedSchema(root, resources, roots, targets, patterns, sizes, tracks);
  }

  private InvalidSchemaException invalid(String message) {
    return new InvalidSchemaException(pointer, message);
  }

  private InvalidSchemaException expected(String expected, JsonValue found) {
    return invalid("expected " + expected + ", found " + found.typeName());
  }

  private void at(String step, Visit visit) throws InvalidSchemaException {
    var here = pointer;
    pointer = SchemaViolation.child(here, step);
    visit.run();
    pointer = here;
  }

  private void schema(JsonValue schema, int around) throws InvalidSchemaException {
    if (schema instanceof JsonValue.Bool
        && (resources.get(around).dialect != Dialect.DRAFT_4 || depth == 0)) {
      return;
    }
    if (!(schema instanceof JsonValue.Members(var keywords))) {
      throw expected("a schema (an object or a boolean)", schema);
    }
    if (seen.put(schema, true) != null) {
      return;
    }
    if (++depth > MAX_DEPTH) {
      throw invalid("schemas are nested deeper than " + MAX_DEPTH + " levels");
    }
    var dialect = dialect(schema, keywords, around);
    if (schema == root) {
      resources.getFirst().dialect = dialect;
    }
    boolean alone = dialect.refStandsAlone() && keywords.containsKey("$ref");
    int resource = alone ? around : identify(schema, keywords, around, dialect);
    for (var member : keywords.entrySet()) {
      var keyword = member.getKey();
      if (dialect.has(keyword)
          && (!alone || keyword.equals("$ref") || keyword.equals("definitions"))) {
        at(keyword, () -> keyword(keyword, member.getValue(), resource));
      }
    }
    depth--;
  }

  /** The dialect of a schema, which it may say itself where it begins a resource. */
  private Dialect dialect(JsonValue schema, Map<String, JsonValue> keywords, int around)
      throws InvalidSchemaException {
    var outer = resources.get(around).dialect;
    var named = keywords.get("$schema");
    if (named == null) {
      return outer;
    }
    var dialect = named instanceof JsonValue.Text(var uri) ? Dialect.named(uri).orElse(null) : null;
    var where = SchemaViolation.child(pointer, "$schema");
    if (dialect == null) {
      throw new InvalidSchemaException(where, JsonText.of(named) + " is not a supported dialect");
    }
    if (dialect != outer && schema != root && !keywords.containsKey(dialect.id())) {
      throw new InvalidSchemaException(
          where, JsonText.of(named) + " is not the dialect of the schema around it");
    }
    return dialect;
  }

  /** Notes the identity and the anchors of a schema; returns its resource. */
  private int identify(
      JsonValue schema, Map<String, JsonValue> keywords, int around, Dialect dialect)
      throws InvalidSchemaException {
    int resource = around;
    if (keywords.get(dialect.id()) instanceof JsonValue.Text(var id)) {
      resource = identifier(schema, id, around, dialect);
    }
    if (dialect.has("$anchor") && keywords.get("$anchor") instanceof JsonValue.Text(var name)) {
      anchor(resource, name, schema, false);
    }
    if (dialect.has("$dynamicAnchor")
        && keywords.get("$dynamicAnchor") instanceof JsonValue.Text(var name)) {
      anchor(resource, name, schema, true);
    }
    if (dialect.has("$recursiveAnchor")
        && keywords.get("$recursiveAnchor") instanceof JsonValue.Bool(boolean on)
        && on
        && resources.get(resource).root == schema) {
      resources.get(resource).add(new Anchor("", schema, true));
    }
    return resource;
  }

  private int identifier(JsonValue schema, String id, int around, Dialect dialect)
      throws InvalidSchemaException {
    var resolved = SchemaUri.resolve(resources.get(around).uri, id);
    // Before there was a keyword for anchors, the fragment of an identifier was one.
    boolean anchors = !dialect.has("$anchor");
    boolean hasFragment = !resolved.fragment().isEmpty();
    if (hasFragment && !anchors) {
      throw invalid("$id must not have a fragment");
    }
    int resource = around;
    if (schema == root) {
      identifiers.remove(resources.getFirst().uri);
      resources.getFirst().uri = resolved.uri();
      identifiers.put(resolved.uri(), 0);
    } else if (!id.startsWith("#")) {
      if (identifiers.containsKey(resolved.uri())) {
        throw invalid("the identifier '" + resolved.uri() + "' is there twice");
      }
      resource = add(new Resource(resolved.uri(), schema, dialect));
    }
    if (hasFragment) {
      anchor(resource, id.substring(id.indexOf('#') + 1), schema, false);
    }
    return resource;
  }

  private void anchor(int resource, String name, JsonValue schema, boolean isDynamic)
      throws InvalidSchemaException {
    if (!isAnchorName(name)) {
      throw invalid("'" + name + "' cannot be an anchor");
    }
    var known = resources.get(resource).anchor(name);
    if (known != null && known.schema() != schema) {
      throw invalid("the anchor '" + name + "' is there twice");
    }
    resources.get(resource).add(new Anchor(name, schema, isDynamic));
  }

  private static boolean isAnchorName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      boolean isOther = (c >= '0' && c <= '9') || "-.:".indexOf(c) >= 0;
      if (!isLetter && (i == 0 || !isOther)) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private void keyword(String keyword, JsonValue value, int resource)
      throws InvalidSchemaException {
    var dialect = resources.get(resource).dialect;
    switch (keyword) {
      case "additionalItems", "additionalProperties" -> {
        if (!(value instanceof JsonValue.Bool)) {
          schema(value, resource);
        }
      }
      case "items" -> {
        if (dialect != Dialect.DRAFT_2020_12 && value instanceof JsonValue.Items) {
          schemas(value, resource);
        } else {
          schema(value, resource);
        }
      }
      case "not", "if", "then", "else", "contains", "propertyNames", "contentSchema" ->
          schema(value, resource);
      case "unevaluatedItems", "unevaluatedProperties" -> {
        tracks = true;
        schema(value, resource);
      }
      case "allOf", "anyOf", "oneOf", "prefixItems" -> schemas(value, resource);
      case "properties", "$defs", "definitions", "dependentSchemas" ->
          members(value, (name, schema) -> schema(schema, resource));
      case "patternProperties" ->
          members(
              value,
              (name, schema) -> {
                pattern(name);
                schema(schema, resource);
              });
      case "dependentRequired" -> members(value, (name, names) -> strings(names));
      case "dependencies" ->
          members(
              value,
              (name, dependent) -> {
                if (dependent instanceof JsonValue.Items) {
                  strings(dependent);
                } else {
                  schema(dependent, resource);
                }
              });
      case "required" -> strings(value);
      case "const" -> sizes.put(value, size(value));
      case "type" -> types(value);
      case "enum", "examples" -> {
        if (!(value instanceof JsonValue.Items)) {
          throw expected("an array", value);
        }
        sizes.put(value, size(value));
      }
      case "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties",
          "minContains",
          "maxContains" ->
          count(value);
      case "exclusiveMinimum", "exclusiveMaximum" -> {
        if (dialect == Dialect.DRAFT_4) {
          bool(value);
        } else {
          number(value);
        }
      }
      case "minimum", "maximum" -> number(value);
      case "multipleOf" -> divisor(value);
      case "uniqueItems", "deprecated", "readOnly", "writeOnly", "$recursiveAnchor" -> bool(value);
      case "pattern" -> pattern(text(value).value());
      case "$ref" -> reference(value, Kind.PLAIN, resource);
      case "$dynamicRef" -> reference(value, Kind.DYNAMIC, resource);
      case "$recursiveRef" -> {
        if (!(value instanceof JsonValue.Text(var text)) || !text.equals("#")) {
          throw invalid("expected \"#\"");
        }
        reference(value, Kind.RECURSIVE, resource);
      }
      case "$vocabulary" -> members(value, (name, used) -> bool(used));
      case "$id",
          "id",
          "$anchor",
          "$dynamicAnchor",
          "$comment",
          "title",
          "description",
          "format",
          "contentMediaType",
          "contentEncoding" ->
          text(value);
      default -> {
        // Other members are annotations of anybody.
      }
    }
  }

  /**
   * How many characters the numbers in a value have. They are parsed each time; comparing anything
   * else takes no longer than the other value is large.
   */
  private static int size(JsonValue value) {
    return switch (value) {
      case JsonValue.Num(var text) -> text.length();
      case JsonValue.Items(var values) -> size(values);
      case JsonValue.Members(var members) -> size(members.values());
      case JsonValue.Null(), JsonValue.Bool(_), JsonValue.Text(_) -> 0;
    };
  }

  private static int size(Collection<JsonValue> values) {
    int size = 0;
    for (var value : values) {
      size += size(value);
    }
    return size;
  }

  private JsonValue.Text text(JsonValue value) throws InvalidSchemaException {
    if (value instanceof JsonValue.Text text) {
      return text;
    }
    throw expected("a string", value);
  }

  private void bool(JsonValue value) throws InvalidSchemaException {
    if (!(value instanceof JsonValue.Bool)) {
      throw expected("a boolean", value);
    }
  }

  private void number(JsonValue value) throws InvalidSchemaException {
    if (!(value instanceof JsonValue.Num)) {
      throw expected("a number", value);
    }
  }

  private void count(JsonValue value) throws InvalidSchemaException {
    if (!(value instanceof JsonValue.Num number)
        || !number.isWhole()
        || number.value().isNegative()) {
      throw invalid("expected an integer that is not negative");
    }
  }

  private void divisor(JsonValue value) throws InvalidSchemaException {
    if (!(value instanceof JsonValue.Num number) || number.value().signum() <= 0) {
      throw invalid("expected a number greater than 0");
    }
    if (number.value().digits().length() > Decimal.MAX_DIVISOR_DIGITS) {
      throw invalid(
          "expected a number with at most " + Decimal.MAX_DIVISOR_DIGITS + " significant digits");
    }
  }

  private void reference(JsonValue value, Kind kind, int resource) throws InvalidSchemaException {
    references.add(new Reference(text(value), kind, resource, pointer));
  }

  private void schemas(JsonValue value, int resource) throws InvalidSchemaException {
    if (!(value instanceof JsonValue.Items(var schemas)) || schemas.isEmpty()) {
      throw invalid("expected an array with at least one schema");
    }
    for (int i = 0; i < schemas.size(); i++) {
      var schema = schemas.get(i);
      at(Integer.toString(i), () -> schema(schema, resource));
    }
  }

  private void members(JsonValue value, MemberVisit visit) throws InvalidSchemaException {
    if (!(value instanceof JsonValue.Members(var members))) {
      throw expected("an object", value);
    }
    for (var member : members.entrySet()) {
      at(member.getKey(), () -> visit.run(member.getKey(), member.getValue()));
    }
  }

  private void strings(JsonValue value) throws InvalidSchemaException {
    Set<String> different = new HashSet<>();
    if (!(value instanceof JsonValue.Items(var names))
        || !names.stream()
            .allMatch(name -> name instanceof JsonValue.Text(var text) && different.add(text))) {
      throw invalid("expected an array of different strings");
    }
  }

  private void types(JsonValue value) throws InvalidSchemaException {
    if (isType(value)) {
      return;
    }
    if (!(value instanceof JsonValue.Items(var types))
        || types.isEmpty()
        || !types.stream().allMatch(SchemaPreparation::isType)) {
      throw invalid("expected types out of " + String.join(", ", TYPES));
    }
    strings(value);
  }

  private static boolean isType(JsonValue value) {
    return value instanceof JsonValue.Text(var name) && TYPES.contains(name);
  }

  private void pattern(String pattern) throws InvalidSchemaException {
    try {
      patterns.put(pattern, EcmaPattern.compile(pattern));
    } catch (InvalidPatternException e) {
      throw invalid("the pattern cannot be used: " + e.getMessage());
    }
  }

  private Target resolve(Reference reference) throws InvalidSchemaException {
    var resolved = SchemaUri.resolve(resources.get(reference.resource).uri, reference.text.value());
    var found = identifiers.get(resolved.uri());
    if (found == null) {
      throw reference.error("points outside this schema; only references within it are followed");
    }
    var fragment = resolved.fragment();
    var target =
        fragment.isEmpty() || fragment.startsWith("/")
            ? follow(found, fragment, reference.kind)
            : anchored(found, fragment, reference.kind);
    if (target == null) {
      throw reference.error("points to nothing");
    }
    return target;
  }

  private @Nullable Target anchored(int resource, String name, Kind kind) {
    var anchor = resources.get(resource).anchor(name);
    return anchor == null
        ? null
        : new Target(
            anchor.schema(), resource, kind == Kind.DYNAMIC && anchor.isDynamic() ? name : null);
  }

  /** Follows a JSON pointer from the root of a resource. */
  private @Nullable Target follow(int resource, String path, Kind kind) {
    var place = resources.get(resource).root;
    int at = resource;
    var steps = path.split("/", -1);
    for (int i = 1; i < steps.length; i++) {
      var next = child(place, steps[i].replace("~1", "/").replace("~0", "~"));
      if (next == null) {
        return null;
      }
      place = next;
      at = roots.getOrDefault(place, at);
    }
    boolean isRecursive = kind == Kind.RECURSIVE && resources.get(at).dynamicAnchor("") != null;
    return new Target(place, at, isRecursive ? "" : null);
  }

  private static @Nullable JsonValue child(JsonValue place, String step) {
    return switch (place) {
      case JsonValue.Members(var members) -> members.get(step);
      case JsonValue.Items(var items) -> {
        int index = index(step);
        yield index >= 0 && index < items.size() ? items.get(index) : null;
      }
      default -> null;
    };
  }

  /** The index that a step of a JSON pointer is, or -1. */
  private static int index(String step) {
    boolean isNumber =
        !step.isEmpty()
            && step.length() < 10
            && step.chars().allMatch(c -> c >= '0' && c <= '9')
            && (step.equals("0") || step.charAt(0) != '0');
    return isNumber ? Integer.parseInt(step) : -1;
  }
}
