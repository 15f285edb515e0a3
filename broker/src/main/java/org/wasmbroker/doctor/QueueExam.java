package org.wasmbroker.doctor;

import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.pgmq.ServerInspector;

/** Looks whether queues are there, or can be made. */
final class QueueExam {
  private final Database database;
  private final ServerInfo facts;
  private final Findings findings;

  QueueExam(Database database, ServerInfo facts, Findings findings) {
    this.database = database;
    this.facts = facts;
    this.findings = findings;
  }

  void run(List<QueueName> queues) {
    var pgmq = new Pgmq(database);
    boolean mayCreate = mayCreate();
    for (var queue : queues) {
      if (pgmq.exists(queue)) {
        findings.ok("queue", queue + " is there");
      } else {
        missing(queue, mayCreate);
      }
    }
  }

  private boolean mayCreate() {
    var look = new ServerInspector(database);
    return look.canCreateIn("pgmq")
        && look.missing(List.of(Privilege.onTable("pgmq", "meta", "insert"))).isEmpty();
  }

  private void missing(QueueName queue, boolean mayCreate) {
    if (mayCreate) {
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
