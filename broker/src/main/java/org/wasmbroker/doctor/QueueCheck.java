package org.wasmbroker.doctor;

import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.pgmq.ServerInspector;

/** Checks that queues exist or can be created. */
final class QueueCheck {
  private final Database database;
  private final ServerInfo facts;
  private final Findings findings;

  QueueCheck(Database database, ServerInfo facts, Findings findings) {
    this.database = database;
    this.facts = facts;
    this.findings = findings;
  }

  void run(List<QueueName> queues) {
    var pgmq = new Pgmq(database);
    boolean canCreate = canCreate();
    for (var queue : queues) {
      if (pgmq.exists(queue)) {
        findings.ok("queue", queue + " exists");
      } else {
        missing(queue, canCreate);
      }
    }
  }

  private boolean canCreate() {
    var inspector = new ServerInspector(database);
    return inspector.canCreateIn("pgmq")
        && inspector.missing(List.of(Privilege.onTable("pgmq", "meta", "insert"))).isEmpty();
  }

  private void missing(QueueName queue, boolean canCreate) {
    if (canCreate) {
      findings.ok("queue", queue + " does not exist yet; the broker creates it at startup");
    } else {
      findings.failed(
          "queue",
          "%s is missing, and the role %s cannot create it".formatted(queue, facts.role()),
          "as the owner of the schema pgmq, run: select pgmq.create('%s'); then run the doctor again"
                  .formatted(queue)
              + " to check the privileges on it");
    }
  }
}
