package org.wasmbroker.protocol.standalone;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.Privilege;
import org.wasmbroker.protocol.MissingPrivileges;
import org.wasmbroker.protocol.SetupProblem;

/** Checks that the database has what the standalone protocol needs; changes nothing. */
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

  /** The missing privileges on those queues that exist. */
  public List<SetupProblem> checkPrivileges() {
    var privileges = new ArrayList<Privilege>();
    privileges.add(Privilege.onSchema(PGMQ, "usage"));
    privileges.add(Privilege.onTable(PGMQ, "meta", "select"));
    privileges.add(Privilege.onTable(PGMQ, "notify_insert_throttle", "select"));
    privileges.add(Privilege.onTable(PGMQ, "notify_insert_throttle", "update"));
    for (var name : List.of("select", "insert", "update", "delete")) {
      privileges.add(Privilege.onTable(PGMQ, "q_" + config.queue(), name));
    }
    privileges.add(Privilege.onTable(PGMQ, "a_" + config.queue(), "select"));
    privileges.add(Privilege.onTable(PGMQ, "a_" + config.queue(), "insert"));
    for (var queue : List.of(config.results(), config.deadLetters())) {
      privileges.add(Privilege.onTable(PGMQ, "q_" + queue, "select"));
      privileges.add(Privilege.onTable(PGMQ, "q_" + queue, "insert"));
    }
    for (var queue : List.of(config.queue(), config.results(), config.deadLetters())) {
      privileges.add(Privilege.onSequence(PGMQ, "q_" + queue + "_msg_id_seq", "select"));
    }
    return MissingPrivileges.of(database, privileges);
  }
}
