package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlFailureTest {
  @ParameterizedTest
  @CsvSource({
    "08006, TRANSIENT",
    "57P01, TRANSIENT",
    "57P03, TRANSIENT",
    "57014, TRANSIENT",
    "40001, TRANSIENT",
    "40P01, TRANSIENT",
    "53300, TRANSIENT",
    "55P03, TRANSIENT",
    "25006, TRANSIENT",
    "58030, TRANSIENT",
    "42P05, TRANSIENT",
    "26000, TRANSIENT",
    "08P01, TRANSIENT",
    "22P05, DATA",
    "22003, DATA",
    "54001, DATA",
    "42P01, PERMANENT",
    "42501, PERMANENT",
    "28P01, PERMANENT",
    "57P04, PERMANENT",
    "23505, PERMANENT",
    "XX000, PERMANENT",
  })
  void everyStateHasAKind(String state, SqlFailure.Kind kind) {
    assertThat(SqlFailure.of("work", new SQLException("words", state)).kind()).isEqualTo(kind);
  }

  @Test
  void theCauseWrappedByThePoolDecidesTheKind() {
    var password = new SQLException("password authentication failed", "28P01");
    var wrapped = new SQLTransientConnectionException("no connection within 5 s", password);
    var failure = SqlFailure.of("read from queue a", wrapped);
    assertThat(failure.kind()).isEqualTo(SqlFailure.Kind.PERMANENT);
    assertThat(failure)
        .hasMessage(
            "could not read from queue a: password authentication failed (SQLSTATE 28P01)."
                + " Check the user and the password of the database");
  }

  @ParameterizedTest
  @CsvSource({
    "prepared statement \"S_1\" already exists, 42P05",
    "prepared statement \"S_1\" does not exist, 26000",
    "bind message supplies 1 parameters, 08P01"
  })
  void whatAPoolerCausesNamesThePooler(String message, String state) {
    assertThat(SqlFailure.of("claim from queue a", new SQLException(message, state)))
        .hasMessageContaining("connection pooler in transaction or statement mode")
        .hasMessageContaining("in session mode");
  }

  @ParameterizedTest
  @CsvSource({
    "unsupported startup parameter: search_path, PERMANENT",
    "no such database: wrong, PERMANENT",
    "no such user: wrong, PERMANENT",
    "query_wait_timeout, TRANSIENT",
    "no more connections allowed (max_client_conn), TRANSIENT",
    "pgbouncer cannot connect to server, TRANSIENT"
  })
  void whatAPoolerRefusesForGoodDoesNotPass(String message, SqlFailure.Kind kind) {
    var failure = SqlFailure.of("work", new SQLException("FATAL: " + message, "08P01"));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(String.valueOf(failure.getMessage()).contains("ignore_startup_parameters"))
        .isEqualTo(kind == SqlFailure.Kind.PERMANENT);
  }

  @Test
  void poolExhaustionIsTransient() {
    var failure = SqlFailure.of("work", new SQLTransientConnectionException("timed out after 5 s"));
    assertThat(failure.isTransient()).isTrue();
  }

  @Test
  void aNetworkErrorWithoutSqlStateIsTransient() {
    var failure = SqlFailure.of("work", new SQLException("lost", new IOException("reset")));
    assertThat(failure.isTransient()).isTrue();
  }

  /** Doctor looks at what a broker needs; dlq and queue need other privileges. */
  @Test
  void aMissingPrivilegeIsLookedUpWhereItsUserIs() {
    assertThat(SqlFailure.of("work", new SQLException("permission denied", "42501")))
        .hasMessageContainingAll("wasm-broker doctor", "deploy/sql/operator-role.sql");
    assertThat(Path.of("..", "deploy", "sql", "operator-role.sql")).isRegularFile();
  }

  @Test
  void aHostThatIsNotKnownIsNamed() {
    var unknown = new UnknownHostException("db.example.invalid");
    var driver = new SQLException("The connection attempt failed.", "08001", unknown);
    assertThat(SqlFailure.of("work", driver))
        .hasMessage("could not work: the host db.example.invalid is not known (SQLSTATE 08001)");
    assertThat(SqlFailure.of("work", driver).isTransient()).isTrue();
  }

  @Test
  void anUnknownErrorIsPermanent() {
    assertThat(SqlFailure.of("work", new SQLException("closed")).isTransient()).isFalse();
  }
}
