package org.wasmbroker.schema;

import java.util.Optional;

/** A draft of JSON Schema, and which keywords it has; later ones are greater. */
enum Dialect {
  DRAFT_4("http://json-schema.org/draft-04/schema"),
  DRAFT_6("http://json-schema.org/draft-06/schema"),
  DRAFT_7("http://json-schema.org/draft-07/schema"),
  DRAFT_2019_09("https://json-schema.org/draft/2019-09/schema"),
  DRAFT_2020_12("https://json-schema.org/draft/2020-12/schema");

  /** The draft of a schema that does not say it. */
  static final Dialect DEFAULT = DRAFT_2020_12;

  private final String uri;

  Dialect(String uri) {
    this.uri = uri;
  }

  /** The draft that a {@code $schema} names. */
  static Optional<Dialect> named(String uri) {
    var plain = uri.endsWith("#") ? uri.substring(0, uri.length() - 1) : uri;
    for (var dialect : values()) {
      if (dialect.uri.equals(plain)) {
        return Optional.of(dialect);
      }
    }
    return Optional.empty();
  }

  /**
   * Whether the draft gives a keyword a meaning. {@code definitions} and {@code dependencies} keep
   * theirs in all drafts, since schemas that were carried over still have them.
   */
  boolean has(String keyword) {
    return switch (keyword) {
      case "id" -> this == DRAFT_4;
      case "$id", "const", "contains", "propertyNames", "examples" -> isAtLeast(DRAFT_6);
      case "if",
          "then",
          "else",
          "$comment",
          "readOnly",
          "writeOnly",
          "contentMediaType",
          "contentEncoding" ->
          isAtLeast(DRAFT_7);
      case "$anchor",
          "$defs",
          "dependentRequired",
          "dependentSchemas",
          "minContains",
          "maxContains",
          "unevaluatedItems",
          "unevaluatedProperties",
          "contentSchema",
          "deprecated",
          "$vocabulary" ->
          isAtLeast(DRAFT_2019_09);
      case "$recursiveRef", "$recursiveAnchor" -> this == DRAFT_2019_09;
      case "prefixItems", "$dynamicRef", "$dynamicAnchor" -> this == DRAFT_2020_12;
      case "additionalItems" -> this != DRAFT_2020_12;
      default -> true;
    };
  }

  private boolean isAtLeast(Dialect other) {
    return compareTo(other) >= 0;
  }

  /** Whether a {@code $ref} stands alone: what is next to it has no meaning. */
  boolean refStandsAlone() {
    return !isAtLeast(DRAFT_2019_09);
  }

  /** The keyword that identifies a schema. */
  String id() {
    return this == DRAFT_4 ? "id" : "$id";
  }
}
