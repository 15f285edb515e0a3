package org.wasmbroker.protocol;

import java.util.Collection;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.ServerInspector;

/** The queues that a worker needs, which its role may have to create. Changes nothing. */
public final class RequiredQueues {
  private static final String PGMQ = "pgmq";

  private RequiredQueues() {}

  /** A problem for each queue that neither exists nor can be created by the role. */
  public static List<SetupProblem> problems(Database database, Collection<QueueName> queues) {
    var pgmq = new Pgmq(database);
    var missing = queues.stream().filter(queue -> !pgmq.exists(queue)).toList();
    if (missing.isEmpty() || canCreate(database)) {
      return List.of();
    }
    var role = new ServerInspector(database).inspect().role();
    return missing.stream().map(queue -> problem(queue, role)).toList();
  }

  private static boolean canCreate(Database database) {
    var inspector = new ServerInspector(database);
    return inspector.canCreateIn(PGMQ)
        && inspector.missing(List.of(Privilege.onTable(PGMQ, "meta", "insert"))).isEmpty();
  }

  private static SetupProblem problem(QueueName queue, String role) {
    return new SetupProblem(
        "the queue %s is missing, and the role %s cannot create it".formatted(queue, role),
        "as the owner of the schema pgmq, run: select pgmq.create('%s'); then run the doctor again"
                .formatted(queue)
            + " to check the privileges on it");
  }
}
