package org.wasmbroker.protocol.standalone.deadletter;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlArrays;

/**
 * Finds dead letters of a queue, and changes nothing. Every method throws {@link
 * org.wasmbroker.pgmq.SqlFailure}.
 */
public final class LetterSearch {
  /** A larger document is not shown; no message that a broker took can be as large. */
  private static final int MAX_SHOWN_BYTES = 512 << 20;

  private final LetterStatements statements;
  private final QueueName letters;

  /**
   * @param letters the queue of the dead letters
   */
  public LetterSearch(Database database, QueueName letters) {
    this.statements = new LetterStatements(database, letters);
    this.letters = letters;
  }

  /** The highest id in the queue; 0 if it is empty. Letters that arrive later have higher ones. */
  public long newest() {
    return statements.query(
        "look for the newest letter of",
        LetterSql.newest(letters),
        statement -> {},
        rows -> rows.next() ? rows.getLong(1) : 0);
  }

  /**
   * The letters that match, in order of id.
   *
   * @param after only those with a higher id
   * @param upTo only those with no higher id than this
   * @param newestFirst in the opposite order
   */
  public List<LetterSummary> list(
      LetterFilter filter, long after, long upTo, boolean newestFirst, int limit) {
    return statements.query(
        "list",
        LetterSql.list(letters, newestFirst),
        statement -> statement.setInt(setFilter(statement, filter, after, upTo), limit),
        rows -> {
          var found = new ArrayList<LetterSummary>();
          while (rows.next()) {
            found.add(summary(rows));
          }
          return List.copyOf(found);
        });
  }

  /** The ids of letters that match, in order. */
  public List<Long> ids(LetterFilter filter, long after, long upTo, int limit) {
    return statements.query(
        "select from",
        LetterSql.ids(letters),
        statement -> statement.setInt(setFilter(statement, filter, after, upTo), limit),
        LetterStatements::readIds);
  }

  /** How many letters match, by error type, most first; of at most {@code max} letters. */
  public List<LetterCount> countByErrorType(LetterFilter filter, long upTo, int max) {
    return statements.query(
        "count",
        LetterSql.countByErrorType(letters),
        statement -> statement.setInt(setFilter(statement, filter, 0, upTo), max),
        rows -> {
          var counts = new ArrayList<LetterCount>();
          while (rows.next()) {
            counts.add(
                new LetterCount(
                    rows.getString(1), rows.getLong(2), instant(rows, 3), instant(rows, 4)));
          }
          return List.copyOf(counts);
        });
  }

  /** A letter that is in the queue, or was and is in its archive. */
  public Optional<StoredLetter> find(long id) {
    return find(id, false).or(() -> find(id, true));
  }

  private Optional<StoredLetter> find(long id, boolean archived) {
    return statements.query(
        "show a letter of",
        LetterSql.show(letters, archived),
        statement -> {
          statement.setInt(1, MAX_SHOWN_BYTES);
          statement.setLong(2, id);
        },
        rows ->
            rows.next()
                ? Optional.of(
                    new StoredLetter(
                        summary(rows),
                        rows.getLong(14),
                        rows.getString(15),
                        rows.getString(16),
                        archived))
                : Optional.empty());
  }

  /** Sets the parameters of a filter; returns the place of the next one. */
  private static int setFilter(
      PreparedStatement statement, LetterFilter filter, long after, long upTo) throws SQLException {
    int place = 1;
    statement.setLong(place++, after);
    statement.setLong(place++, upTo);
    statement.setArray(
        place++,
        filter.ids().isEmpty() ? null : SqlArrays.longs(statement.getConnection(), filter.ids()));
    setTexts(statement, place++, filter.steps().stream().map(Object::toString).toList());
    setTexts(statement, place++, filter.reasons());
    setTexts(statement, place++, filter.errorTypes());
    setTexts(statement, place++, filter.handlers());
    setTexts(statement, place++, filter.versions());
    setTexts(
        statement,
        place++,
        filter.digests().stream().map(digest -> digest.toLowerCase(Locale.ROOT)).toList());
    setSeconds(statement, place++, filter.olderThan());
    setSeconds(statement, place++, filter.newerThan());
    statement.setBoolean(place++, filter.neverReplayed());
    return place;
  }

  private static void setTexts(PreparedStatement statement, int place, Collection<String> texts)
      throws SQLException {
    statement.setArray(
        place,
        texts.isEmpty() ? null : SqlArrays.texts(statement.getConnection(), List.copyOf(texts)));
  }

  private static void setSeconds(
      PreparedStatement statement, int place, @Nullable Duration duration) throws SQLException {
    statement.setObject(place, duration == null ? null : duration.toMillis() / 1000.0);
  }

  private static LetterSummary summary(ResultSet rows) throws SQLException {
    var held = rows.getObject(13, OffsetDateTime.class);
    return new LetterSummary(
        rows.getLong(1),
        instant(rows, 2),
        Duration.ofMillis((long) (rows.getDouble(3) * 1000)),
        rows.getString(4),
        rows.getString(5),
        rows.getString(6),
        rows.getString(7),
        rows.getString(8),
        rows.getString(9),
        rows.getString(10),
        rows.getInt(11),
        rows.getInt(12),
        held == null ? null : held.toInstant());
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    return rows.getObject(column, OffsetDateTime.class).toInstant();
  }
}
