package org.wasmbroker.doctor;

import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.RequiredQueues;

/** Checks that queues exist or can be created. */
final class QueueCheck {
  private static final String SUBJECT = "queue";

  private final Database database;
  private final Findings findings;

  QueueCheck(Database database, Findings findings) {
    this.database = database;
    this.findings = findings;
  }

  void run(List<QueueName> queues) {
    var pgmq = new Pgmq(database);
    for (var queue : queues) {
      if (pgmq.exists(queue)) {
        findings.ok(SUBJECT, queue + " exists");
      } else {
        findings.addProblems(
            SUBJECT,
            RequiredQueues.problems(database, List.of(queue)),
            queue + " does not exist yet; the broker creates it at startup");
      }
    }
  }
}
