package org.wasmbroker.pgmq;

/**
 * A privilege of a role on an object of the database.
 *
 * @param name such as {@code insert}
 */
public record Privilege(Kind kind, String schema, String object, String name) {
  /** The kind of object. */
  public enum Kind {
    SCHEMA,
    TABLE,
    SEQUENCE
  }

  public static Privilege onSchema(String schema, String name) {
    return new Privilege(Kind.SCHEMA, schema, schema, name);
  }

  public static Privilege onTable(String schema, String table, String name) {
    return new Privilege(Kind.TABLE, schema, table, name);
  }

  public static Privilege onSequence(String schema, String sequence, String name) {
    return new Privilege(Kind.SEQUENCE, schema, sequence, name);
  }

  /** The object, as {@code grant} names it. */
  public String target() {
    return switch (kind) {
      case SCHEMA -> "schema " + schema;
      case TABLE -> "table " + schema + "." + object;
      case SEQUENCE -> "sequence " + schema + "." + object;
    };
  }
}
