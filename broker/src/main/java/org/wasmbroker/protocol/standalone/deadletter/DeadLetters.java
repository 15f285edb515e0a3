package org.wasmbroker.protocol.standalone.deadletter;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasmbroker.document.Problem;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.standalone.StepMessageSchema;
import org.wasmbroker.step.Document;

/**
 * Takes dead letters out of their queue. Each change is one statement and so one transaction: a
 * process that dies in the middle has either changed all of a batch or nothing, and a letter that
 * is gone cannot be sent a second time. Every method throws {@link SqlFailure}.
 */
public final class DeadLetters {
  private final LetterStatements statements;
  private final QueueName queue;
  private final QueueName letters;
  private final StepMessageSchema schema = new StepMessageSchema();

  public DeadLetters(Database database, StandaloneConfig config) {
    this.queue = config.queue();
    this.letters = config.deadLetters();
    this.statements = new LetterStatements(database, letters);
  }

  /** What is to be done with letters. */
  private enum Purpose {
    REPLAY,
    REPLAY_WITH_THE_SAME_MODULE,
    DISCARD
  }

  /**
   * Sends the messages of these letters again, with all their attempts, and archives the letters.
   *
   * @param sameModule whether the module that ran last is to run again, and not the one that the
   *     message now leads to
   * @return what became of each, in no particular order
   */
  public List<LetterResult> replay(
      Collection<Long> ids, boolean sameModule, Resolution resolution) {
    var results = new ArrayList<LetterResult>(stillInvalid(ids));
    var valid = new HashSet<>(ids);
    results.forEach(invalid -> valid.remove(invalid.id()));
    var sent = send(valid, sameModule, resolution);
    sent.forEach((letter, message) -> results.add(new LetterResult.Replayed(letter, message)));
    valid.removeAll(sent.keySet());
    results.addAll(left(valid, sameModule ? Purpose.REPLAY_WITH_THE_SAME_MODULE : Purpose.REPLAY));
    return List.copyOf(results);
  }

  /** Those of which the message was refused, and would be again by a broker like this one. */
  private List<LetterResult.Invalid> stillInvalid(Collection<Long> ids) {
    var refused =
        statements.query(
            "check the messages of",
            LetterSql.invalid(letters),
            statement -> LetterStatements.setIds(statement, 1, ids),
            LetterStatements::readIds);
    var invalid = new ArrayList<LetterResult.Invalid>();
    for (long id : refused) {
      var problem = problem(id);
      if (!problem.isEmpty()) {
        invalid.add(new LetterResult.Invalid(id, problem));
      }
    }
    return invalid;
  }

  /** What is wrong with a message; empty if nothing is. One at a time, as they may be large. */
  private String problem(long id) {
    try {
      return statements.query(
          "check a message of",
          LetterSql.message(letters),
          statement -> statement.setLong(1, id),
          rows ->
              rows.next() && rows.getString(1) != null
                  ? Problem.join(schema.problems(Document.of(rows.getString(1))))
                  : "");
    } catch (SqlFailure failure) {
      if (failure.kind() == SqlFailure.Kind.DATA) {
        return "it has too much text to be read";
      }
      throw failure;
    }
  }

  private Map<Long, Long> send(Set<Long> ids, boolean sameModule, Resolution resolution) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    return statements.query(
        "replay letters of",
        LetterSql.replay(queue, letters),
        statement -> {
          LetterStatements.setIds(statement, 1, ids);
          statement.setBoolean(2, sameModule);
          statement.setString(3, resolution.by());
          statement.setString(4, resolution.note());
        },
        rows -> {
          var sent = new HashMap<Long, Long>();
          while (rows.next()) {
            sent.put(rows.getLong(1), rows.getLong(2));
          }
          return sent;
        });
  }

  /**
   * Takes these letters out of the queue.
   *
   * @param purge whether they are deleted for good, and not archived
   * @return what became of each, in no particular order
   */
  public List<LetterResult> discard(Collection<Long> ids, boolean purge, Resolution resolution) {
    var removed =
        statements.query(
            "discard letters of",
            purge ? LetterSql.purge(letters) : LetterSql.discard(letters),
            statement -> {
              LetterStatements.setIds(statement, 1, ids);
              if (!purge) {
                statement.setString(2, resolution.by());
                statement.setString(3, resolution.note());
              }
            },
            LetterStatements::readIds);
    var results = new ArrayList<LetterResult>();
    removed.forEach(id -> results.add(new LetterResult.Discarded(id)));
    var others = new HashSet<>(ids);
    removed.forEach(others::remove);
    results.addAll(left(others, Purpose.DISCARD));
    return List.copyOf(results);
  }

  /** Why these were not removed: the ones that are not there at all were dealt with before. */
  private List<LetterResult> left(Set<Long> ids, Purpose purpose) {
    if (ids.isEmpty()) {
      return List.of();
    }
    return statements.query(
        "look at letters of",
        LetterSql.left(letters),
        statement -> LetterStatements.setIds(statement, 1, ids),
        rows -> {
          var gone = new HashSet<>(ids);
          var results = new ArrayList<LetterResult>();
          while (rows.next()) {
            gone.remove(rows.getLong(1));
            results.add(left(rows, purpose));
          }
          gone.forEach(id -> results.add(new LetterResult.Gone(id)));
          return results;
        });
  }

  private static LetterResult left(ResultSet rows, Purpose purpose) throws SQLException {
    long id = rows.getLong(1);
    var hidden = rows.getObject(2, OffsetDateTime.class);
    if (hidden == null && purpose != Purpose.DISCARD && rows.getBoolean(3)) {
      return new LetterResult.NoMessage(id);
    }
    if (hidden == null && purpose == Purpose.REPLAY_WITH_THE_SAME_MODULE && rows.getBoolean(4)) {
      return new LetterResult.NoModule(id);
    }
    // One that is visible by now was hidden when it was to be removed.
    return new LetterResult.Held(id, hidden == null ? Instant.now() : hidden.toInstant());
  }
}
