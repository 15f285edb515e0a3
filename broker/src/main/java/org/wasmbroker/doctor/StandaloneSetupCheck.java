package org.wasmbroker.doctor;

import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.protocol.standalone.StandaloneCheck;

/** Checks what the standalone protocol needs. */
final class StandaloneSetupCheck {
  private final BrokerConfig config;
  private final Database database;
  private final Findings findings;

  StandaloneSetupCheck(BrokerConfig config, Database database, Findings findings) {
    this.config = config;
    this.database = database;
    this.findings = findings;
  }

  void run() {
    var facts = new ServerCheck("database", config.database(), findings).run(database);
    if (facts != null) {
      findings.attempt(
          "PGMQ",
          "grant the role the privileges named in the message",
          () -> {
            check(facts);
            return facts;
          });
    }
  }

  private void check(ServerInfo facts) {
    var check = new StandaloneCheck(database, config.queue());
    var problems = check.checkPgmq();
    findings.addProblems("PGMQ", problems, facts.pgmq().orElse("is missing"));
    if (facts.pgmq().isEmpty()) {
      return;
    }
    var access = check.checkAccess();
    if (!access.isEmpty()) {
      findings.addProblems("rights", access, "");
      return;
    }
    findings.addProblems(
        "rights", check.checkPrivileges(), "the role has all the privileges it needs");
    new QueueCheck(database, findings).run(Protocols.monitoredQueues(config));
    new RolloutCheck(database, findings).run(config);
    check
        .checkNotifications()
        .ifPresentOrElse(
            problem -> findings.warning("notifications", problem.description(), problem.remedy()),
            () -> findings.ok("notifications", "new messages are notified"));
  }
}
