package org.wasmbroker.pgmq;

/**
 * A right that a role may have on something in the database.
 *
 * @param name such as {@code insert}
 */
public record Privilege(Kind kind, String schema, String object, String name) {
  /** What it is on. */
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

  /** What it is on, as {@code grant} names it. */
  public String target() {
    return switch (kind) {
      case SCHEMA -> "schema " + schema;
      case TABLE -> "table " + schema + "." + object;
      case SEQUENCE -> "sequence " + schema + "." + object;
    };
  }
}
