package org.wasmbroker.doctor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.pgmq.ServerInspector;

/** Checks a database server: reachable, recent enough, writable, and connected without a pooler. */
final class ServerCheck {
  private static final int MIN_VERSION = 140_000;
  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(1);

  private static final String UNREACHABLE_REMEDY =
      "start it, or correct its address, user and password; check-config shows them and where they"
          + " were set";

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

  /** What was found out about the server, or null if it is unreachable. */
  @Nullable ServerInfo run(Database database) {
    var facts =
        findings.attempt(name, UNREACHABLE_REMEDY, () -> new ServerInspector(database).inspect());
    if (facts != null) {
      evaluate(facts);
    }
    return facts;
  }

  void evaluate(ServerInfo facts) {
    server(facts);
    clock(facts);
    pooler(facts);
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

  private void pooler(ServerInfo facts) {
    if (facts.pooled()) {
      findings.failed(
          name + " connections",
          "two connections share one server process: there is a pooler in transaction mode, which"
              + " loses session settings and notifications",
          "connect to PostgreSQL directly, or through a pooler in session mode");
    } else {
      findings.ok(name + " connections", "each has its own server process");
    }
  }
}
