package org.wasmbroker.doctor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Pooling;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.pgmq.ServerInspector;

/** Checks a database server: reachable, without a pooler that shares sessions, recent, writable. */
final class ServerCheck {
  private static final int MIN_VERSION = 140_000;
  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(1);

  private static final String UNREACHABLE_REMEDY =
      "start it, or correct its address, user and password; check-config shows them and where they"
          + " were set";

  private static final String REACHABLE_REMEDY =
      "the address, user and password are right; see the message and the log of the server";

  private final String name;
  private final DatabaseConfig config;
  private final Findings findings;

  /**
   * @param name the subject of the findings
   */
  ServerCheck(String name, DatabaseConfig config, Findings findings) {
    this.name = name;
    this.config = config;
    this.findings = findings;
  }

  /**
   * What was found out about the server; or null if it is unreachable, or behind a pooler with
   * which other statements fail.
   */
  @Nullable ServerInfo run(Database database) {
    var inspector = new ServerInspector(database);
    var pooling = findings.attempt(name, UNREACHABLE_REMEDY, inspector::pooling);
    if (pooling == null || pooling == Pooling.SESSIONS_SHARED) {
      if (pooling != null) {
        evaluate(pooling);
      }
      return null;
    }
    var facts = findings.attempt(name, REACHABLE_REMEDY, inspector::inspect);
    if (facts != null) {
      evaluate(facts);
      evaluate(pooling);
    }
    return facts;
  }

  void evaluate(ServerInfo facts) {
    server(facts);
    clock(facts);
  }

  private void server(ServerInfo facts) {
    var detail =
        "PostgreSQL %s at %s, as %s".formatted(facts.version(), config.maskedUrl(), facts.role());
    if (facts.versionNumber() < MIN_VERSION) {
      findings.failed(name, detail + ": too old", "use PostgreSQL 14 or newer");
    } else if (facts.readOnly()) {
      findings.failed(name, detail + ": read-only", "connect to the primary, not to a standby");
    } else {
      findings.ok(name, detail);
    }
  }

  private void clock(ServerInfo facts) {
    var ahead = facts.clockAhead();
    var detail =
        "the database's clock is %d ms %s this machine's (± %d ms)"
            .formatted(
                Math.abs(ahead.toMillis()),
                ahead.isNegative() ? "behind" : "ahead of",
                facts.clockUncertainty().toMillis() + 1);
    if (ahead.abs().minus(facts.clockUncertainty()).compareTo(MAX_CLOCK_SKEW) > 0) {
      findings.warning(
          name + " clock",
          detail + "; times in results will be inconsistent with those in the database",
          "synchronize both with a time server (NTP)");
    } else {
      findings.ok(name + " clock", detail);
    }
  }

  void evaluate(Pooling pooling) {
    var subject = name + " connections";
    switch (pooling) {
      case NONE -> findings.ok(subject, "each has its own server process");
      case SESSIONS_KEPT ->
          findings.ok(subject, "go through a pooler that keeps a server process for each");
      case SESSIONS_SHARED ->
          findings.failed(
              subject,
              ("there is a pooler in transaction or statement mode at %s: several connections share"
                      + " one server process, where the broker's prepared statements collide, its"
                      + " session settings are lost, and LISTEN does not work")
                  .formatted(config.maskedUrl()),
              "connect to PostgreSQL directly, or through a pooler in session mode (PgBouncer: pool_mode ="
                  + " session); then run the doctor again for the other checks");
    }
  }
}
