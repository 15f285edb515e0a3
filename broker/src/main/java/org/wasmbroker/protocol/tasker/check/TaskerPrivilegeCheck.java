package org.wasmbroker.protocol.tasker.check;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.MissingPrivileges;
import org.wasmbroker.protocol.SetupProblem;
import org.wasmbroker.protocol.tasker.TaskerConfig;

/**
 * Checks the privileges of the broker's role in Tasker's database against what the worker does
 * there; the same list as in docs/tasker.md. Missing objects are reported by other checks.
 */
public final class TaskerPrivilegeCheck {
  private static final String TASKER = "tasker";
  private static final String PGMQ = "pgmq";
  private static final QueueName RESULTS = new QueueName("orchestration_step_results");

  private final Database tables;
  private final Database queues;
  private final TaskerConfig config;

  /**
   * @param tables the database that has Tasker's tables
   * @param queues the one that has its queues; often the same
   */
  public TaskerPrivilegeCheck(Database tables, Database queues, TaskerConfig config) {
    this.tables = tables;
    this.queues = queues;
    this.config = config;
  }

  /** The missing privileges, each object with the statement that grants them. */
  public List<SetupProblem> problems() {
    if (tables == queues) {
      var all = new ArrayList<>(tablePrivileges());
      all.addAll(queuePrivileges());
      return MissingPrivileges.of(tables, all.stream().distinct().toList());
    }
    var obstacles = new ArrayList<>(MissingPrivileges.of(tables, tablePrivileges()));
    obstacles.addAll(MissingPrivileges.of(queues, queuePrivileges()));
    return obstacles;
  }

  private List<Privilege> tablePrivileges() {
    var rights = new ArrayList<Privilege>();
    rights.add(Privilege.onSchema(TASKER, "usage"));
    for (var read :
        List.of(
            "tasks",
            "task_namespaces",
            "named_tasks",
            "named_steps",
            "workflow_steps",
            "workflow_step_edges",
            "workflow_step_transitions")) {
      rights.add(Privilege.onTable(TASKER, read, "select"));
    }
    rights.add(Privilege.onTable(TASKER, "workflow_steps", "update"));
    rights.add(Privilege.onTable(TASKER, "workflow_step_transitions", "insert"));
    rights.add(Privilege.onTable(TASKER, "workflow_step_transitions", "update"));
    rights.add(Privilege.onTable(TASKER, "workflow_step_result_audit", "insert"));
    if (config.templates() != null) {
      for (var written : List.of("task_namespaces", "named_tasks")) {
        rights.add(Privilege.onTable(TASKER, written, "insert"));
        rights.add(Privilege.onTable(TASKER, written, "update"));
      }
    }
    if (config.recovery() != null) {
      rights.add(Privilege.onSchema(BrokerSchema.NAME, "usage"));
      rights.add(Privilege.onTable(BrokerSchema.NAME, SchemaPart.RECOVERY.history(), "select"));
      for (var kept : SchemaPart.RECOVERY.tables()) {
        for (var name : List.of("select", "insert", "update", "delete")) {
          rights.add(Privilege.onTable(BrokerSchema.NAME, kept, name));
        }
      }
    }
    return rights;
  }

  private List<Privilege> queuePrivileges() {
    var rights = new ArrayList<Privilege>();
    rights.add(Privilege.onSchema(TASKER, "usage"));
    rights.add(Privilege.onSchema(PGMQ, "usage"));
    rights.add(Privilege.onTable(PGMQ, "meta", "select"));
    for (var queue : config.allQueues()) {
      var table = "q_" + queue.value();
      for (var name : List.of("select", "update", "delete")) {
        rights.add(Privilege.onTable(PGMQ, table, name));
      }
      rights.add(Privilege.onTable(PGMQ, "a_" + queue.value(), "insert"));
      if (tables != queues) {
        // Messages are then archived by PGMQ's own function, which returns what it has inserted.
        rights.add(Privilege.onTable(PGMQ, "a_" + queue.value(), "select"));
      }
      rights.add(Privilege.onSequence(PGMQ, table + "_msg_id_seq", "select"));
    }
    var sentTo = new ArrayList<>(List.of(RESULTS));
    config.namespaces().forEach(namespace -> sentTo.add(namespace.domainEventQueue()));
    for (var queue : sentTo) {
      rights.add(Privilege.onTable(PGMQ, "q_" + queue.value(), "select"));
      rights.add(Privilege.onTable(PGMQ, "q_" + queue.value(), "insert"));
    }
    return rights;
  }
}
