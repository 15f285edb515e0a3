package org.wasmbroker.doctor;

import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.ServerInspector;

/** Checks the tables that brokers share their rollbacks in, if there is a rollout file. */
record RolloutCheck(Database database, Findings findings) {
  private static final String SUBJECT = "rollout";

  void run(BrokerConfig config) {
    if (config.rollout().file() == null) {
      return;
    }
    findings.attempt(
        SUBJECT,
        "grant the role the privileges named in the message",
        () -> {
          check();
          return SUBJECT;
        });
  }

  /** Without them a broker works, and says so in its health: a warning. */
  private void check() {
    var problems = new BrokerSchema(database, SchemaPart.ROLLOUT).problems();
    if (problems.isEmpty()) {
      findings.ok(SUBJECT, "the tables for shared rollbacks exist");
    } else if (new ServerInspector(database).canCreateIn(BrokerSchema.NAME)) {
      findings.ok(SUBJECT, "the broker creates the tables for shared rollbacks at startup");
    } else {
      for (var problem : problems) {
        findings.warning(
            SUBJECT,
            problem.description() + "; until then each broker rolls back by itself",
            problem.remedy());
      }
    }
  }
}
