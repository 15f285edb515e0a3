package org.wasmbroker.schema;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.pattern.EcmaPattern;

/**
 * A schema that was looked over.
 *
 * @param resources the parts of the schema that have an identity of their own, the whole first
 * @param roots the resource of each schema that is the root of one
 * @param targets what references mean, by the text of each
 * @param patterns by their text
 * @param sizes of the numbers in the arguments of {@code const} and {@code enum}, in characters
 * @param tracks whether some keyword asks which parts of a value were looked at
 */
record PreparedSchema(
    JsonValue root,
    List<Resource> resources,
    Map<JsonValue, Integer> roots,
    Map<JsonValue, Target> targets,
    Map<String, EcmaPattern> patterns,
    Map<JsonValue, Integer> sizes,
    boolean tracks) {

  /** A part of a schema that has an identity of its own. */
  static final class Resource {
    final JsonValue root;
    private final Map<String, Anchor> anchors = new HashMap<>();
    private final Map<String, JsonValue> dynamicAnchors = new HashMap<>();
    String uri;
    Dialect dialect;

    Resource(String uri, JsonValue root, Dialect dialect) {
      this.uri = uri;
      this.root = root;
      this.dialect = dialect;
    }

    void add(Anchor anchor) {
      anchors.putIfAbsent(anchor.name, anchor);
      if (anchor.isDynamic) {
        dynamicAnchors.putIfAbsent(anchor.name, anchor.schema);
      }
    }

    @Nullable Anchor anchor(String name) {
      return anchors.get(name);
    }

    /** The schema at the dynamic anchor of a name, or null. */
    @Nullable JsonValue dynamicAnchor(String name) {
      return dynamicAnchors.get(name);
    }
  }

  /** A name of a schema within a resource. */
  record Anchor(String name, JsonValue schema, boolean isDynamic) {}

  /**
   * What a reference means.
   *
   * @param dynamicAnchor the name of the dynamic anchor, if the reference looks for the outermost
   *     one of that name
   */
  record Target(JsonValue schema, int resource, @Nullable String dynamicAnchor) {}

  /** The resource whose root a schema is, or else the resource around it. */
  int resourceOf(JsonValue schema, int around) {
    return roots.getOrDefault(schema, around);
  }

  /** How many units of work comparing an argument of {@code const} or {@code enum} takes. */
  int costOf(JsonValue argument) {
    return 1 + sizes.getOrDefault(argument, 0) / WorkBudget.CHARACTERS_PER_UNIT;
  }

  /** A map by identity: equal texts at two places of a schema mean different things. */
  static <V> Map<JsonValue, V> byIdentity() {
    return new IdentityHashMap<>();
  }
}
