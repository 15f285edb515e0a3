package org.wasmbroker.brokerschema;

import java.util.List;

/**
 * Tables that serve one purpose. A part has its own migrations and its own record of them, so that
 * a database has only the parts that a broker needed, in whatever order that was.
 */
public enum SchemaPart {
  /** Which brokers live and which steps they have (docs/tasker-recovery.md). */
  RECOVERY("schema_history", "disable recovery (tasker.recovery.enabled)"),

  /** Rollbacks and the counts that lead to them (docs/rollout.md). */
  ROLLOUT("rollout_history", "let each broker roll back by itself, as without these tables");

  private final String history;
  private final String alternative;

  SchemaPart(String history, String alternative) {
    this.history = history;
    this.alternative = alternative;
  }

  /** The table in which Flyway records the migrations of this part. */
  public String history() {
    return history;
  }

  public List<String> tables() {
    return switch (this) {
      case RECOVERY -> List.of("worker", "claim", "suspect");
      case ROLLOUT -> List.of("rollback", "rollout_count");
    };
  }

  /** What to do without the tables, as the beginning of a sentence. */
  String alternative() {
    return alternative;
  }

  /** The directory of the migrations on the class path. */
  String location() {
    return switch (this) {
      case RECOVERY -> "org/wasmbroker/brokerschema/recovery";
      case ROLLOUT -> "org/wasmbroker/brokerschema/rollout";
    };
  }
}
