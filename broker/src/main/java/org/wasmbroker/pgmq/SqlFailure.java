package org.wasmbroker.pgmq;

import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.OutageLog;

/** A failed statement. The only place that interprets SQLSTATEs. */
public final class SqlFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String DUPLICATE_STATEMENT = "42P05";
  private static final String UNKNOWN_STATEMENT = "26000";
  private static final String PROTOCOL_VIOLATION = "08P01";
  private static final String POOLER_HINT =
      "That happens behind a connection pooler in transaction or statement mode: connect to"
          + " PostgreSQL directly, or through a pooler in session mode";

  /** What PgBouncer refuses for good, with the SQLSTATE of what may pass, such as a full pool. */
  private static final Pattern REFUSED_BY_POOLER =
      Pattern.compile("unsupported startup parameter|no such (?:database|user)");

  private static final String REFUSAL_HINT =
      "A connection pooler refuses the connection: correct database.url and database.user, leave"
          + " the parameter out, or have the pooler ignore it (ignore_startup_parameters)";

  /** What can be done about it. */
  public enum Kind {
    /** The same statement may succeed later without intervention. */
    TRANSIENT,
    /** The given values cannot be stored; others can. */
    DATA,
    /** Someone has to change something first: privileges, extension, queue, URL. */
    PERMANENT
  }

  private final Kind kind;

  private SqlFailure(String message, Kind kind, SQLException cause) {
    super(message, cause);
    this.kind = kind;
  }

  /**
   * @param action what was attempted, the object of "could not", such as {@code read from queue a}
   */
  static SqlFailure of(String action, SQLException cause) {
    var state = stateOf(cause);
    var hint = isRefusalOfPooler(cause, state) ? REFUSAL_HINT : hint(state);
    return new SqlFailure(
        "could not %s: %s%s%s"
            .formatted(
                action,
                messageOf(cause),
                state == null ? "" : " (SQLSTATE " + state + ")",
                hint == null ? "" : ". " + hint),
        kindOf(cause, state),
        cause);
  }

  public Kind kind() {
    return kind;
  }

  /** How bad it is that an attempt of something failed with this, whatever it is. */
  public static OutageLog.Severity severityOf(Throwable failure) {
    return switch (failure) {
      case SqlFailure known when known.isTransient() -> OutageLog.Severity.TRANSIENT;
      case SqlFailure _ -> OutageLog.Severity.PERMANENT;
      case SQLException sql -> severityOf(of("use the database", sql));
      default -> OutageLog.Severity.UNEXPECTED;
    };
  }

  public boolean isTransient() {
    return kind == Kind.TRANSIENT;
  }

  private static Kind kindOf(SQLException cause, @Nullable String state) {
    if (state == null) {
      return isConnectionFailure(cause) ? Kind.TRANSIENT : Kind.PERMANENT;
    }
    if (isRefusalOfPooler(cause, state)) {
      return Kind.PERMANENT;
    }
    return switch (state) {
      // Shutdown, crash, starting up; idle session ended; cancelled, which is how timeouts end.
      case "57P01", "57P02", "57P03", "57P05", "57014" -> Kind.TRANSIENT;
      // Behind a pooler that does not keep sessions: whether a statement fails is chance.
      case DUPLICATE_STATEMENT, UNKNOWN_STATEMENT, PROTOCOL_VIOLATION -> Kind.TRANSIENT;
      // Lock not available; object in use; read-only, as a server is while another takes over.
      case "55P03", "55006", "25006" -> Kind.TRANSIENT;
      default ->
          switch (state.substring(0, 2)) {
            // Connection; rollback (serialization, deadlock); resources; input and output.
            case "08", "40", "53", "58" -> Kind.TRANSIENT;
            // Data exception; program limit exceeded.
            case "22", "54" -> Kind.DATA;
            default -> Kind.PERMANENT;
          };
    };
  }

  private static boolean isRefusalOfPooler(SQLException cause, @Nullable String state) {
    return PROTOCOL_VIOLATION.equals(state) && REFUSED_BY_POOLER.matcher(messageOf(cause)).find();
  }

  private static @Nullable String hint(@Nullable String state) {
    return switch (state) {
      case null -> null;
      case "28P01", "28000" -> "Check the user and the password of the database";
      case "3D000" -> "The database does not exist: create it, or correct database.url";
      case "3F000", "42883" ->
          "PGMQ may be missing: run 'create extension pgmq' in this database as a superuser";
      case "42P01" -> "The queue was dropped, or never created: restart the broker to create it";
      case "42703" -> "PGMQ may be too old: run 'alter extension pgmq update'";
      case "42501" ->
          "The role lacks a privilege: 'wasm-broker doctor' names those that a broker needs, with"
              + " the statements that grant them; those of the commands are in"
              + " deploy/sql/operator-role.sql";
      case DUPLICATE_STATEMENT, UNKNOWN_STATEMENT, PROTOCOL_VIOLATION -> POOLER_HINT;
      default -> null;
    };
  }

  /**
   * Whether this is what a pooler causes that does not keep sessions: prepared statements of one
   * connection appear in another and are missing in its own, and what the pooler does not support
   * is a violation of the protocol.
   */
  static boolean isOfPooler(SQLException failure) {
    var state = stateOf(failure);
    return DUPLICATE_STATEMENT.equals(state)
        || UNKNOWN_STATEMENT.equals(state)
        || (PROTOCOL_VIOLATION.equals(state) && !isRefusalOfPooler(failure, state));
  }

  /** The SQLSTATE closest to the root cause, since a pool wraps the server's exception. */
  private static @Nullable String stateOf(Throwable failure) {
    String state = null;
    int depth = 0;
    for (var at = failure; at != null && depth < 10; at = at.getCause(), depth++) {
      if (at instanceof SQLException sql && isState(sql.getSQLState())) {
        state = sql.getSQLState();
      }
    }
    return state;
  }

  private static boolean isState(@Nullable String state) {
    return state != null && state.length() == 5;
  }

  private static boolean isConnectionFailure(Throwable failure) {
    int depth = 0;
    for (var at = failure; at != null && depth < 10; at = at.getCause(), depth++) {
      if (at instanceof SQLTransientException
          || at instanceof SQLRecoverableException
          || at instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  private static String messageOf(SQLException failure) {
    var root = failure.getCause() instanceof SQLException cause ? cause : failure;
    if (root.getCause() instanceof UnknownHostException unknown) {
      // The driver says no more than that the attempt failed.
      return "the host %s is not known".formatted(unknown.getMessage());
    }
    var message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.strip().replaceAll("\\s+", " ");
  }
}
