package org.wasmbroker.doctor;

import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.protocol.standalone.StandaloneCheck;

/** Looks at what the standalone protocol needs. */
final class StandaloneExam {
  private final BrokerConfig config;
  private final Database database;
  private final Findings findings;

  StandaloneExam(BrokerConfig config, Database database, Findings findings) {
    this.config = config;
    this.database = database;
    this.findings = findings;
  }

  void run() {
    var facts = new ServerExam("database", config.database(), findings).run(database);
    if (facts != null) {
      findings.look(
          "PGMQ",
          "give the role the rights that the message names",
          () -> {
            examine(facts);
            return facts;
          });
    }
  }

  private void examine(ServerInfo facts) {
    var check = new StandaloneCheck(database, config.queue());
    var obstacles = check.checkPgmq();
    findings.failedOrOk("PGMQ", obstacles, facts.pgmq().orElse("is missing"));
    if (facts.pgmq().isEmpty()) {
      return;
    }
    findings.failedOrOk("rights", check.checkPrivileges(), "the role has all that it needs");
    new QueueExam(database, facts, findings).run(Protocols.counted(config));
  }
}
