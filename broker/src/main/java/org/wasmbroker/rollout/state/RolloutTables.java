package org.wasmbroker.rollout.state;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.rollout.ReleaseName;
import org.wasmbroker.rollout.Rollback;
import org.wasmbroker.rollout.RunCounts;
import org.wasmbroker.rollout.SharedState;
import org.wasmbroker.rollout.SharedStateException;

/**
 * The tables {@code wasm_broker.rollback} and {@code wasm_broker.rollout_count}. Every statement
 * may run again without harm.
 */
public final class RolloutTables implements SharedState {
  /** Counts of a broker that has been silent for so long are left out: it has probably ended. */
  private static final Duration SILENT = Duration.ofSeconds(15);

  /** Counts so old are of brokers that ended, and are deleted. */
  private static final Duration FORGOTTEN = Duration.ofDays(1);

  private static final String COUNT =
      """
      insert into wasm_broker.rollout_count
        (broker_uuid, handler, version, episode, runs, traps, limits, failures)
      select ?, * from unnest(?::text[], ?::text[], ?::int[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
      on conflict (broker_uuid, handler, version) do update set
        episode = excluded.episode, runs = excluded.runs, traps = excluded.traps,
        limits = excluded.limits, failures = excluded.failures, counted_at = excluded.counted_at
      """;
  private static final String FORGET =
      """
      delete from wasm_broker.rollout_count
      where counted_at < clock_timestamp() - make_interval(secs => ?)
      """;
  private static final String OTHERS =
      """
      select handler, version, episode, sum(runs)::bigint, sum(traps)::bigint, sum(limits)::bigint, sum(failures)::bigint
      from wasm_broker.rollout_count
      where broker_uuid <> ? and counted_at > clock_timestamp() - make_interval(secs => ?)
      group by handler, version, episode
      """;
  private static final String ROLLBACKS =
      """
      select handler, version, episode, decided_at, decided_by, stable_version,
        candidate_runs, candidate_bad, stable_runs, stable_bad, reason, reset_at is not null
      from wasm_broker.rollback
      where (handler, version, episode) in (
        select handler, version, max(episode) from wasm_broker.rollback group by handler, version)
      order by handler, version
      """;
  private static final String RECORD =
      """
      insert into wasm_broker.rollback
        (handler, version, episode, decided_at, decided_by, stable_version,
         candidate_runs, candidate_bad, stable_runs, stable_bad, reason)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (handler, version, episode) do nothing
      """;
  private static final String RESET =
      """
      update wasm_broker.rollback set reset_at = clock_timestamp(), reset_by = ?
      where handler = ? and reset_at is null
      returning handler, version, episode, decided_at, decided_by, stable_version,
        candidate_runs, candidate_bad, stable_runs, stable_bad, reason, true
      """;

  /** Of no broker: a command that looks on. */
  private static final UUID NOBODY = new UUID(0, 0);

  private final Database database;
  private final UUID broker;
  private boolean tidied;

  /**
   * @param broker whose counts these are
   */
  public RolloutTables(Database database, UUID broker) {
    this.database = database;
    this.broker = broker;
  }

  /** For a command, which counts nothing itself and sees the counts of all brokers. */
  public static RolloutTables forCommand(Database database) {
    return new RolloutTables(database, NOBODY);
  }

  /**
   * The latest rollback of a candidate.
   *
   * @param reset whether a person has reset it
   */
  private record LatestRollback(Rollback rollback, boolean reset) {}

  @Override
  public Known exchange(Set<ReleaseName> candidates, List<Counted> own) {
    return call(
        "exchange the counts of rollouts",
        connection -> {
          count(connection, own);
          tidyOnce(connection);
          var latest = latest(connection);
          return new Known(inForce(latest), episodes(latest), others(connection));
        });
  }

  /** What is known now, for a command. */
  public Known read() {
    return exchange(Set.of(), List.of());
  }

  private static List<Rollback> inForce(List<LatestRollback> latest) {
    return latest.stream().filter(each -> !each.reset()).map(LatestRollback::rollback).toList();
  }

  private static Map<ReleaseName, Integer> episodes(List<LatestRollback> latest) {
    var episodes = new HashMap<ReleaseName, Integer>();
    for (var each : latest) {
      var rollback = each.rollback();
      episodes.put(rollback.release(), each.reset() ? rollback.episode() + 1 : rollback.episode());
    }
    return episodes;
  }

  private void count(Connection connection, List<Counted> own) throws SQLException {
    if (own.isEmpty()) {
      return;
    }
    try (var statement = database.prepare(connection, COUNT)) {
      statement.setObject(1, broker);
      set(connection, statement, 2, "text", own.stream().map(each -> each.release().handler()));
      set(connection, statement, 3, "text", own.stream().map(each -> each.release().version()));
      set(connection, statement, 4, "int", own.stream().map(Counted::episode));
      set(connection, statement, 5, "bigint", own.stream().map(each -> each.counts().runs()));
      set(connection, statement, 6, "bigint", own.stream().map(each -> each.counts().traps()));
      set(connection, statement, 7, "bigint", own.stream().map(each -> each.counts().limits()));
      set(connection, statement, 8, "bigint", own.stream().map(each -> each.counts().failures()));
      statement.executeUpdate();
    }
  }

  private static void set(
      Connection connection, PreparedStatement statement, int index, String type, Stream<?> values)
      throws SQLException {
    statement.setArray(index, connection.createArrayOf(type, values.toArray()));
  }

  /** Brokers that ended leave their counts behind; a broker that starts removes the old ones. */
  private void tidyOnce(Connection connection) throws SQLException {
    if (tidied || broker.equals(NOBODY)) {
      return;
    }
    try (var statement = database.prepare(connection, FORGET)) {
      statement.setLong(1, FORGOTTEN.toSeconds());
      statement.executeUpdate();
    }
    tidied = true;
  }

  private List<LatestRollback> latest(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, ROLLBACKS);
        var rows = statement.executeQuery()) {
      var latest = new ArrayList<LatestRollback>();
      while (rows.next()) {
        latest.add(new LatestRollback(rollback(rows), rows.getBoolean(12)));
      }
      return latest;
    }
  }

  private List<Counted> others(Connection connection) throws SQLException {
    try (var statement = database.prepare(connection, OTHERS)) {
      statement.setObject(1, broker);
      statement.setLong(2, SILENT.toSeconds());
      try (var rows = statement.executeQuery()) {
        var others = new ArrayList<Counted>();
        while (rows.next()) {
          others.add(
              new Counted(
                  new ReleaseName(rows.getString(1), rows.getString(2)),
                  rows.getInt(3),
                  new RunCounts(
                      rows.getLong(4), rows.getLong(5), rows.getLong(6), rows.getLong(7))));
        }
        return others;
      }
    }
  }

  private static Rollback rollback(ResultSet rows) throws SQLException {
    return new Rollback(
        new ReleaseName(rows.getString(1), rows.getString(2)),
        rows.getInt(3),
        rows.getTimestamp(4).toInstant(),
        rows.getString(5),
        rows.getString(6),
        rows.getLong(7),
        rows.getLong(8),
        rows.getLong(9),
        rows.getLong(10),
        rows.getString(11));
  }

  @Override
  public void record(Rollback rollback) {
    int _ =
        call(
            "record a rollback",
            connection -> {
              try (var statement = database.prepare(connection, RECORD)) {
                statement.setString(1, rollback.release().handler());
                statement.setString(2, rollback.release().version());
                statement.setInt(3, rollback.episode());
                statement.setTimestamp(4, Timestamp.from(rollback.decidedAt()));
                statement.setString(5, rollback.decidedBy());
                statement.setString(6, rollback.stableVersion());
                statement.setLong(7, rollback.candidateRuns());
                statement.setLong(8, rollback.candidateBad());
                statement.setLong(9, rollback.stableRuns());
                statement.setLong(10, rollback.stableBad());
                statement.setString(11, rollback.reason());
                return statement.executeUpdate();
              }
            });
  }

  /**
   * Lets the handler's candidates have steps again.
   *
   * @param who for the record
   * @return the rollbacks that were in force
   */
  public List<Rollback> reset(String handler, String who) {
    return call(
        "reset a rollback",
        connection -> {
          try (var statement = database.prepare(connection, RESET)) {
            statement.setString(1, who);
            statement.setString(2, handler);
            try (var rows = statement.executeQuery()) {
              var reset = new ArrayList<Rollback>();
              while (rows.next()) {
                reset.add(rollback(rows));
              }
              return reset;
            }
          }
        });
  }

  private <T> T call(String action, Database.SqlFunction<T> work) {
    try {
      return database.call(action, work);
    } catch (SqlFailure failure) {
      throw new SharedStateException(
          Optional.ofNullable(failure.getMessage()).orElse(action),
          failure.kind() != SqlFailure.Kind.TRANSIENT,
          failure);
    }
  }
}
