package org.wasmbroker.schema;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.pattern.EcmaPattern;

/**
 * A schema that was looked over.
 *
 * @param resources the parts of the schema that have an identity of their own, the whole first
 * @param targets what references mean, by the text of each
 * @param patterns by their text
 * @param tracks whether some keyword asks which parts of a value were looked at
 */
record PreparedSchema(
    JsonValue root,
    List<Resource> resources,
    Map<JsonValue, Target> targets,
    Map<String, EcmaPattern> patterns,
    boolean tracks) {

  /** A part of a schema that has an identity of its own. */
  static final class Resource {
    final JsonValue root;
    final List<Anchor> anchors = new ArrayList<>();
    String uri;
    Dialect dialect;

    Resource(String uri, JsonValue root, Dialect dialect) {
      this.uri = uri;
      this.root = root;
      this.dialect = dialect;
    }

    @Nullable Anchor anchor(String name) {
      for (var anchor : anchors) {
        if (anchor.name.equals(name)) {
          return anchor;
        }
      }
      return null;
    }

    /** The schema at the dynamic anchor of a name, or null. */
    @Nullable JsonValue dynamicAnchor(String name) {
      for (var anchor : anchors) {
        if (anchor.isDynamic && anchor.name.equals(name)) {
          return anchor.schema;
        }
      }
      return null;
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
    return resourceOf(resources, schema, around);
  }

  @SuppressWarnings("ReferenceEquality") // equal schemas at two places are two schemas
  static int resourceOf(List<Resource> resources, JsonValue schema, int around) {
    for (int i = resources.size() - 1; i >= 0; i--) {
      if (resources.get(i).root == schema) {
        return i;
      }
    }
    return around;
  }

  /** A map by identity: equal texts at two places of a schema mean different things. */
  static <V> Map<JsonValue, V> byIdentity() {
    return new IdentityHashMap<>();
  }
}
