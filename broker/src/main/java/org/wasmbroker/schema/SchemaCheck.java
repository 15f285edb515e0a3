package org.wasmbroker.schema;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.WorkBudget.UncheckableException;

/** One application of a schema to a value, within a budget of work. */
final class SchemaCheck {
  /** Schemas may be applied within each other so deep, as in the handlers of the catalog. */
  private static final int MAX_DEPTH = 256;

  private static final JsonValue ONE = new JsonValue.Num("1");

  private final PreparedSchema schema;
  private final WorkBudget budget;
  private final int limit;

  /** The resources that the way to the current schema led through. */
  private final List<Integer> scope = new ArrayList<>();

  private final List<SchemaViolation> violations = new ArrayList<>();
  private int depth;

  private SchemaCheck(PreparedSchema schema, WorkBudget budget, int limit) {
    this.schema = schema;
    this.budget = budget;
    this.limit = limit;
  }

  /**
   * The first violations.
   *
   * @param limit so many at most
   * @throws UncheckableException if the budget is exhausted, or schemas are applied too deep
   */
  static List<SchemaViolation> violations(
      PreparedSchema schema, JsonValue value, WorkBudget budget, int limit) {
    var check = new SchemaCheck(schema, budget, limit);
    check.scope.add(0);
    check.apply(schema.root(), new Place(null, "", value, "false", true), new Seen());
    return check.violations;
  }

  /** Which parts of a value a schema has looked at, by their places. */
  private static final class Seen {
    private final BitSet members = new BitSet();
    private final BitSet items = new BitSet();

    void add(Seen other) {
      members.or(other.members);
      items.or(other.items);
    }
  }

  /**
   * Where a schema is applied.
   *
   * @param around null for the whole value
   * @param keyword the one that the schema is at
   * @param isLoud whether violations are noted
   */
  private record Place(
      @Nullable Place around, String step, JsonValue value, String keyword, boolean isLoud) {
    String pointer() {
      var steps = new ArrayList<String>();
      for (var at = this; at.around != null; at = at.around) {
        steps.add(at.step);
      }
      var pointer = "";
      for (var part : steps.reversed()) {
        pointer = SchemaViolation.child(pointer, part);
      }
      return pointer;
    }

    Place with(String other, boolean loud) {
      return new Place(around, step, value, other, loud);
    }

    Place part(String name, JsonValue part, String other, boolean loud) {
      return new Place(this, name, part, other, loud);
    }
  }

  /** The keywords of a schema, as its dialect has them. */
  private record Keywords(Map<String, JsonValue> all, Dialect dialect) {
    @Nullable JsonValue get(String keyword) {
      var value = all.get(keyword);
      return value == null || dialect.has(keyword) ? value : null;
    }

    boolean isTrue(String keyword) {
      return all.get(keyword) instanceof JsonValue.Bool(boolean on) && on;
    }

    /** The schemas of the first items, one for each. */
    List<JsonValue> firstItems() {
      var first = dialect == Dialect.DRAFT_2020_12 ? all.get("prefixItems") : all.get("items");
      return first instanceof JsonValue.Items(var schemas) ? schemas : List.of();
    }

    /** The schema of all other items. */
    @Nullable JsonValue otherItems() {
      var items = all.get("items");
      return dialect != Dialect.DRAFT_2020_12 && items instanceof JsonValue.Items
          ? all.get("additionalItems")
          : items;
    }
  }

  /**
   * Applies a schema. What was looked at is added to {@code seen} if the value satisfies the
   * schema.
   */
  private boolean apply(JsonValue applied, Place place, Seen seen) {
    if (applied instanceof JsonValue.Bool(boolean everything)) {
      return everything || wrong(place, place.keyword, () -> "nothing is allowed here");
    }
    if (!(applied instanceof JsonValue.Members(var keywords))) {
      return true;
    }
    if (depth >= MAX_DEPTH) {
      throw new UncheckableException(
          "schemas are applied within each other deeper than " + MAX_DEPTH + " levels");
    }
    budget.chargeSchema();
    int resource = schema.resourceOf(applied, scope.getLast());
    scope.add(resource);
    depth++;
    var own = new Seen();
    var dialect = schema.resources().get(resource).dialect;
    boolean valid = apply(new Keywords(keywords, dialect), place, own);
    depth--;
    scope.removeLast();
    if (valid && schema.tracks()) {
      seen.add(own);
    }
    return valid;
  }

  private boolean apply(Keywords keywords, Place place, Seen seen) {
    var alone = keywords.dialect.refStandsAlone() ? keywords.all.get("$ref") : null;
    if (alone != null) {
      return refer(alone, place, seen);
    }
    boolean valid = true;
    for (var member : keywords.all.entrySet()) {
      var keyword = member.getKey();
      if (keywords.dialect == Dialect.DEFAULT || keywords.dialect.has(keyword)) {
        valid &= keyword(keyword, member.getValue(), keywords, place, seen);
      }
      if (!valid && isEnough(place)) {
        return false;
      }
    }
    switch (place.value) {
      case JsonValue.Members(var members) -> valid &= members(keywords, members, place, seen);
      case JsonValue.Items(var items) -> valid &= items(keywords, items, place, seen);
      default -> {
        // Other values have no parts.
      }
    }
    // What was not looked at is known when all else was applied.
    if (schema.tracks() && keywords.dialect.has("unevaluatedItems")) {
      valid &= unevaluated(keywords, place, seen);
    }
    return valid;
  }

  /** Whether no more violations are wanted. */
  private boolean isEnough(Place place) {
    return !place.isLoud || violations.size() == limit;
  }

  /** Keywords that need to know of no other; the others are true here. */
  private boolean keyword(
      String keyword, JsonValue argument, Keywords keywords, Place place, Seen seen) {
    return switch (keyword) {
      case "type" -> type(argument, place);
      case "enum" -> {
        var allowed = items(argument);
        budget.charge(allowed.size());
        budget.charge(schema.costOf(argument));
        yield holds(
            allowed.stream().anyMatch(one -> JsonOrder.equal(one, place.value)),
            place,
            keyword,
            () -> "it is not one of " + JsonText.of(argument));
      }
      case "const" -> {
        budget.charge(schema.costOf(argument));
        yield holds(
            JsonOrder.equal(argument, place.value),
            place,
            keyword,
            () -> "it is not " + JsonText.of(argument));
      }
      case "$ref", "$dynamicRef", "$recursiveRef" -> refer(argument, place, seen);
      case "allOf" -> {
        boolean valid = true;
        for (var one : items(argument)) {
          valid &= apply(one, place.with(keyword, place.isLoud), seen);
        }
        yield valid;
      }
      case "anyOf" -> {
        int schemas = items(argument).size();
        yield holds(
            satisfied(argument, place, seen) > 0,
            place,
            keyword,
            () -> "it satisfies none of %d schemas".formatted(schemas));
      }
      case "oneOf" -> {
        int schemas = items(argument).size();
        int satisfied = satisfied(argument, place, seen);
        yield holds(
            satisfied == 1,
            place,
            keyword,
            () ->
                "satisfies %d of %d schemas instead of exactly one".formatted(satisfied, schemas));
      }
      case "not" ->
          holds(
              !apply(argument, place.with(keyword, false), new Seen()),
              place,
              keyword,
              () -> "must not satisfy the schema in \"not\"");
      case "if" -> condition(argument, keywords, place, seen);
      default ->
          switch (place.value) {
            case JsonValue.Num number -> number(keyword, argument, keywords, number, place);
            case JsonValue.Text(var text) -> text(keyword, argument, text, place);
            case JsonValue.Items(var items) -> array(keyword, argument, items, place);
            case JsonValue.Members(var members) -> object(keyword, argument, members, place, seen);
            case JsonValue.Null(), JsonValue.Bool(_) -> true;
          };
    };
  }

  private static List<JsonValue> items(JsonValue array) {
    return array instanceof JsonValue.Items(var values) ? values : List.of();
  }

  /** How many of some schemas the value satisfies. */
  private int satisfied(JsonValue schemas, Place place, Seen seen) {
    int satisfied = 0;
    for (var one : items(schemas)) {
      satisfied += apply(one, place.with("anyOf", false), seen) ? 1 : 0;
    }
    return satisfied;
  }

  private boolean refer(JsonValue reference, Place place, Seen seen) {
    var target = schema.targets().get(reference);
    if (target == null) {
      return true;
    }
    var referred = target.schema();
    int resource = target.resource();
    if (target.dynamicAnchor() != null) {
      // The outermost resource on the way here that has a dynamic anchor of this name.
      for (int outer : scope) {
        var found = schema.resources().get(outer).dynamicAnchor(target.dynamicAnchor());
        if (found != null) {
          referred = found;
          resource = outer;
          break;
        }
      }
    }
    scope.add(resource);
    boolean valid = apply(referred, place.with("$ref", place.isLoud), seen);
    scope.removeLast();
    return valid;
  }

  private boolean wrong(Place place, String keyword, Supplier<String> message) {
    if (place.isLoud && violations.size() < limit) {
      violations.add(new SchemaViolation(place.pointer(), keyword, message.get()));
    }
    return false;
  }

  private boolean holds(boolean holds, Place place, String keyword, Supplier<String> message) {
    return holds || wrong(place, keyword, message);
  }

  private boolean type(JsonValue types, Place place) {
    boolean fits =
        types instanceof JsonValue.Items(var several)
            ? several.stream().anyMatch(type -> isOfType(place.value, type))
            : isOfType(place.value, types);
    return holds(
        fits,
        place,
        "type",
        () -> "expected %s, found %s".formatted(JsonText.of(types), place.value.typeName()));
  }

  private static boolean isOfType(JsonValue value, JsonValue type) {
    return type instanceof JsonValue.Text(var name)
        && (name.equals("integer")
            ? value instanceof JsonValue.Num number && number.isWhole()
            : name.equals(value.typeName()));
  }

  private boolean condition(JsonValue condition, Keywords keywords, Place place, Seen seen) {
    var keyword = apply(condition, place.with("if", false), seen) ? "then" : "else";
    var branch = keywords.all.get(keyword);
    return branch == null || apply(branch, place.with(keyword, place.isLoud), seen);
  }

  private boolean number(
      String keyword, JsonValue argument, Keywords keywords, JsonValue.Num number, Place place) {
    if (!(argument instanceof JsonValue.Num(var text))) {
      return true;
    }
    // In draft 4 the exclusive keywords say of the others whether they are.
    boolean isDraft4 = keywords.dialect == Dialect.DRAFT_4;
    var relation =
        switch (keyword) {
          case "minimum" ->
              isDraft4 && keywords.isTrue("exclusiveMinimum") ? "not greater than" : "less than";
          case "maximum" ->
              isDraft4 && keywords.isTrue("exclusiveMaximum") ? "not less than" : "greater than";
          case "exclusiveMinimum" -> "not greater than";
          case "exclusiveMaximum" -> "not less than";
          case "multipleOf" -> "not a multiple of";
          default -> "";
        };
    if (relation.isEmpty()) {
      return true;
    }
    budget.chargeCharacters(number.text().length() + text.length());
    var value = number.value();
    var bound = Decimal.parse(text);
    boolean isViolated =
        switch (relation) {
          case "less than" -> value.compareTo(bound) < 0;
          case "not greater than" -> value.compareTo(bound) <= 0;
          case "greater than" -> value.compareTo(bound) > 0;
          case "not less than" -> value.compareTo(bound) >= 0;
          default -> !value.isMultipleOf(bound);
        };
    return holds(
        !isViolated, place, keyword, () -> "it is " + relation + " " + JsonText.of(argument));
  }

  private boolean text(String keyword, JsonValue argument, String text, Place place) {
    return switch (keyword) {
      case "minLength" ->
          atLeast(text.codePointCount(0, text.length()), argument, keyword, "characters", place);
      case "maxLength" ->
          atMost(text.codePointCount(0, text.length()), argument, keyword, "characters", place);
      case "pattern" ->
          holds(
              argument instanceof JsonValue.Text(var pattern) && matches(pattern, text),
              place,
              keyword,
              () -> "it does not match " + JsonText.of(argument));
      default -> true;
    };
  }

  private boolean matches(String pattern, String text) {
    var compiled = schema.patterns().get(pattern);
    return compiled == null || compiled.matches(text, budget::charge);
  }

  private boolean atLeast(int found, JsonValue bound, String keyword, String what, Place place) {
    return holds(
        compare(found, bound) >= 0,
        place,
        keyword,
        () -> "%d %s, at least %s are needed".formatted(found, what, JsonText.of(bound)));
  }

  private boolean atMost(int found, JsonValue bound, String keyword, String what, Place place) {
    return holds(
        compare(found, bound) <= 0,
        place,
        keyword,
        () -> "%d %s, at most %s are allowed".formatted(found, what, JsonText.of(bound)));
  }

  private int compare(int found, JsonValue bound) {
    if (!(bound instanceof JsonValue.Num number)) {
      return 0;
    }
    budget.chargeCharacters(number.text().length());
    return Decimal.of(found).compareTo(number.value());
  }

  private boolean array(String keyword, JsonValue argument, List<JsonValue> items, Place place) {
    return switch (keyword) {
      case "minItems" -> atLeast(items.size(), argument, keyword, "items", place);
      case "maxItems" -> atMost(items.size(), argument, keyword, "items", place);
      case "uniqueItems" ->
          holds(
              !(argument instanceof JsonValue.Bool(boolean on)) || !on || isUnique(items),
              place,
              keyword,
              () -> "an item is there twice");
      default -> true;
    };
  }

  private boolean isUnique(List<JsonValue> items) {
    var sorted = new ArrayList<>(items);
    sorted.sort(
        (left, right) -> {
          budget.charge(1);
          return JsonOrder.ORDER.compare(left, right);
        });
    for (int i = 1; i < sorted.size(); i++) {
      if (JsonOrder.equal(sorted.get(i - 1), sorted.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The keywords that give each item a schema. */
  private boolean items(Keywords keywords, List<JsonValue> items, Place place, Seen seen) {
    boolean valid = true;
    var first = keywords.firstItems();
    var others = keywords.otherItems();
    for (int i = 0; i < items.size(); i++) {
      boolean isFirst = i < first.size();
      var applied = isFirst ? first.get(i) : others;
      if (applied == null) {
        break;
      }
      var keyword = isFirst ? "prefixItems" : "items";
      valid &= part(applied, Integer.toString(i), items.get(i), keyword, place);
      seen.items.set(i);
      if (!valid && isEnough(place)) {
        return false;
      }
    }
    var contained = keywords.get("contains");
    if (contained != null) {
      valid &= contains(contained, keywords, items, place, seen);
    }
    return valid;
  }

  private boolean contains(
      JsonValue contained, Keywords keywords, List<JsonValue> items, Place place, Seen seen) {
    int count = 0;
    for (int i = 0; i < items.size(); i++) {
      var item = place.part(Integer.toString(i), items.get(i), "contains", false);
      if (apply(contained, item, new Seen())) {
        count++;
        if (keywords.dialect == Dialect.DRAFT_2020_12) {
          seen.items.set(i);
        }
      }
    }
    int found = count;
    var declared = keywords.get("minContains");
    var least = declared == null ? ONE : declared;
    var most = keywords.get("maxContains");
    boolean valid =
        holds(
            compare(found, least) >= 0,
            place,
            "contains",
            () ->
                "%d items of the kind, at least %s are needed"
                    .formatted(found, JsonText.of(least)));
    if (most != null) {
      valid &=
          holds(
              compare(found, most) <= 0,
              place,
              "maxContains",
              () ->
                  "%d items of the kind, at most %s are allowed"
                      .formatted(found, JsonText.of(most)));
    }
    return valid;
  }

  /** Applies a schema to a part of the value. */
  private boolean part(
      JsonValue applied, String step, JsonValue part, String keyword, Place place) {
    return apply(applied, place.part(step, part, keyword, place.isLoud), new Seen());
  }

  private boolean object(
      String keyword, JsonValue argument, Map<String, JsonValue> members, Place place, Seen seen) {
    return switch (keyword) {
      case "minProperties" -> atLeast(members.size(), argument, keyword, "members", place);
      case "maxProperties" -> atMost(members.size(), argument, keyword, "members", place);
      case "required" -> required(argument, members, keyword, place);
      case "dependentRequired", "dependentSchemas", "dependencies" ->
          dependents(keyword, argument, members, place, seen);
      case "propertyNames" -> names(argument, members, place);
      default -> true;
    };
  }

  private boolean required(
      JsonValue names, Map<String, JsonValue> members, String keyword, Place place) {
    boolean valid = true;
    budget.charge(items(names).size());
    for (var name : items(names)) {
      boolean there = name instanceof JsonValue.Text(var text) && members.containsKey(text);
      valid &= holds(there, place, keyword, () -> JsonText.of(name) + " is missing");
    }
    return valid;
  }

  private boolean dependents(
      String keyword, JsonValue argument, Map<String, JsonValue> members, Place place, Seen seen) {
    if (!(argument instanceof JsonValue.Members(var dependents))) {
      return true;
    }
    budget.charge(dependents.size());
    boolean valid = true;
    for (var dependent : dependents.entrySet()) {
      if (members.containsKey(dependent.getKey())) {
        valid &=
            dependent.getValue() instanceof JsonValue.Items
                ? required(dependent.getValue(), members, keyword, place)
                : apply(dependent.getValue(), place.with(keyword, place.isLoud), seen);
      }
    }
    return valid;
  }

  private boolean names(JsonValue applied, Map<String, JsonValue> members, Place place) {
    boolean valid = true;
    for (var name : members.keySet()) {
      var value = new JsonValue.Text(name);
      // What a violation tells is the place of the name, not one within it.
      valid &=
          holds(
              apply(applied, place.part(name, value, "propertyNames", false), new Seen()),
              place,
              "propertyNames",
              () -> "the name " + JsonText.of(value) + " is not allowed");
    }
    return valid;
  }

  /** The keywords that give each member a schema. */
  private boolean members(
      Keywords keywords, Map<String, JsonValue> members, Place place, Seen seen) {
    var properties = map(keywords.all.get("properties"));
    var patterns = map(keywords.all.get("patternProperties"));
    var additional = keywords.all.get("additionalProperties");
    if (properties.isEmpty() && patterns.isEmpty() && additional == null) {
      return true;
    }
    boolean valid = true;
    int at = 0;
    for (var member : members.entrySet()) {
      var name = member.getKey();
      boolean known = false;
      var property = properties.get(name);
      if (property != null) {
        known = true;
        valid &= part(property, name, member.getValue(), "properties", place);
      }
      for (var pattern : patterns.entrySet()) {
        if (matches(pattern.getKey(), name)) {
          known = true;
          valid &= part(pattern.getValue(), name, member.getValue(), "patternProperties", place);
        }
      }
      if (!known && additional != null) {
        known = true;
        valid &= part(additional, name, member.getValue(), "additionalProperties", place);
      }
      if (known) {
        seen.members.set(at);
      }
      if (!valid && isEnough(place)) {
        return false;
      }
      at++;
    }
    return valid;
  }

  private static Map<String, JsonValue> map(@Nullable JsonValue value) {
    return value instanceof JsonValue.Members(var members) ? members : Map.of();
  }

  private boolean unevaluated(Keywords keywords, Place place, Seen seen) {
    boolean valid = true;
    var properties = keywords.all.get("unevaluatedProperties");
    if (properties != null && place.value instanceof JsonValue.Members(var members)) {
      int at = 0;
      for (var member : members.entrySet()) {
        if (!seen.members.get(at)) {
          seen.members.set(at);
          valid &=
              part(properties, member.getKey(), member.getValue(), "unevaluatedProperties", place);
        }
        at++;
      }
    }
    var others = keywords.all.get("unevaluatedItems");
    if (others != null && place.value instanceof JsonValue.Items(var items)) {
      for (int i = 0; i < items.size(); i++) {
        if (!seen.items.get(i)) {
          seen.items.set(i);
          valid &= part(others, Integer.toString(i), items.get(i), "unevaluatedItems", place);
        }
      }
    }
    return valid;
  }
}
