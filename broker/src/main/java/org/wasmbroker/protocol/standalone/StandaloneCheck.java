package org.wasmbroker.protocol.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.pgmq.ServerInspector;
import org.wasmbroker.protocol.MissingPrivileges;
import org.wasmbroker.protocol.RequiredQueues;
import org.wasmbroker.protocol.SetupProblem;

/**
 * Checks that the database has what the standalone protocol needs, and that the broker's role has
 * the privileges of docs/protocol-standalone.md; changes nothing.
 */
public final class StandaloneCheck {
  private static final String PGMQ = "pgmq";

  private final Database database;
  private final StandaloneConfig config;

  public StandaloneCheck(Database database, StandaloneConfig config) {
    this.database = database;
    this.config = config;
  }

  /** Checks that PGMQ is installed and new enough. */
  public List<SetupProblem> checkPgmq() {
    return PgmqVersion.findProblem(new Pgmq(database).installedVersion()).stream().toList();
  }

  /**
   * Checks what is needed to look at queues; only if there is no problem do {@link #checkQueues}
   * and {@link #checkNotifications} make sense.
   */
  public List<SetupProblem> checkAccess() {
    return MissingPrivileges.of(database, access());
  }

  /** Checks that the queues exist or that the role can create them. */
  public List<SetupProblem> checkQueues() {
    return RequiredQueues.problems(database, config.allQueues());
  }

  /** The missing privileges on PGMQ's tables and on those queues that exist. */
  public List<SetupProblem> checkPrivileges() {
    var privileges = new ArrayList<>(access());
    for (var name : List.of("select", "insert", "update")) {
      privileges.add(Privilege.onTable(PGMQ, "notify_insert_throttle", name));
    }
    if (enablesNotifications()) {
      privileges.add(Privilege.onTable(PGMQ, "notify_insert_throttle", "delete"));
    }
    for (var name : List.of("select", "insert", "update", "delete")) {
      privileges.add(Privilege.onTable(PGMQ, "q_" + config.queue(), name));
    }
    privileges.add(Privilege.onTable(PGMQ, "a_" + config.queue(), "select"));
    privileges.add(Privilege.onTable(PGMQ, "a_" + config.queue(), "insert"));
    for (var queue : List.of(config.results(), config.deadLetters())) {
      privileges.add(Privilege.onTable(PGMQ, "q_" + queue, "select"));
      privileges.add(Privilege.onTable(PGMQ, "q_" + queue, "insert"));
    }
    for (var queue : config.allQueues()) {
      privileges.add(Privilege.onSequence(PGMQ, "q_" + queue + "_msg_id_seq", "select"));
    }
    return MissingPrivileges.of(database, privileges);
  }

  /**
   * Checks that new messages are notified, or that the role can enable it. Without notifications a
   * broker works, but finds new messages only when it polls.
   */
  public Optional<SetupProblem> checkNotifications() {
    var pgmq = new Pgmq(database);
    if (!pgmq.exists(config.queue())
        || pgmq.hasNotificationTrigger(config.queue())
        || ownsQueue()) {
      return Optional.empty();
    }
    return Optional.of(
        new SetupProblem(
            "new messages on the queue %s are not notified, and only its owner can change that; the"
                    .formatted(config.queue())
                + " broker finds them only when it polls (intake.poll-interval)",
            "as the owner of the queue, run: "
                + Pgmq.enableNotificationsSql(config.queue(), config.notifyInterval())));
  }

  /** Whether the broker will create the trigger, with PGMQ's function for it. */
  private boolean enablesNotifications() {
    var pgmq = new Pgmq(database);
    return pgmq.exists(config.queue())
        ? !pgmq.hasNotificationTrigger(config.queue()) && ownsQueue()
        : checkQueues().isEmpty();
  }

  private boolean ownsQueue() {
    return new ServerInspector(database).owns(PGMQ, "q_" + config.queue());
  }

  private static List<Privilege> access() {
    return List.of(Privilege.onSchema(PGMQ, "usage"), Privilege.onTable(PGMQ, "meta", "select"));
  }
}
