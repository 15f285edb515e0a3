package org.wasmbroker.doctor;

import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.pgmq.ServerInspector;

/** Looks whether queues are there, or can be made. */
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
        findings.ok("queue", queue + " is there");
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
      findings.ok("queue", queue + " is not there yet; the broker makes it when it starts");
    } else {
      findings.failed(
          "queue",
          "%s is missing, and the role %s may not make it".formatted(queue, facts.role()),
          "as the owner of the schema pgmq, run: select pgmq.create('%s'); then the doctor again,"
                  .formatted(queue)
              + " for the rights on it");
    }
  }
}
