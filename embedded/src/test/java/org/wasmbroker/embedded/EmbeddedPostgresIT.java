package org.wasmbroker.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
  @Test
  void startsWithPgmqOnLoopbackOnlyAndCleansUp() throws SQLException {
    Path data;
    try (var postgres = EmbeddedPostgres.start()) {
      data = postgres.dataDirectory();
      assertThat(query(postgres, "select extversion from pg_extension where extname = 'pgmq'"))
          .isEqualTo("1.11.1");
      assertThat(query(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(query(postgres, "show synchronous_commit")).isEqualTo("on");
      assertThat(query(postgres, "show fsync")).isEqualTo("on");
    }
    assertThat(data).doesNotExist();
  }

  @Test
  void pauseAndResumeKeepPortAndData() throws SQLException {
    try (var postgres = EmbeddedPostgres.start()) {
      query(postgres, "select pgmq.create('kept')");
      postgres.pause();
      assertThatThrownBy(() -> query(postgres, "select 1")).isInstanceOf(SQLException.class);
      postgres.resume();
      assertThat(query(postgres, "select queue_name from pgmq.list_queues()")).isEqualTo("kept");
    }
  }

  @Test
  void aCrashKeepsPortAndDataAndEmptiesUnloggedTables() throws SQLException {
    try (var postgres = EmbeddedPostgres.start()) {
      query(postgres, "select pgmq.create('kept')");
      query(postgres, "select pgmq.create_unlogged('emptied')");
      query(postgres, "select pgmq.send('kept', '1')");
      query(postgres, "select pgmq.send('emptied', '1')");
      postgres.crash();
      postgres.resume();
      assertThat(query(postgres, "select count(*) from pgmq.q_kept")).isEqualTo("1");
      assertThat(query(postgres, "select count(*) from pgmq.q_emptied")).isEqualTo("0");
    }
  }

  @Test
  void aConfiguredDirectoryKeepsItsDataAfterClose(@TempDir Path directory) throws SQLException {
    var config =
        EmbeddedPostgresConfig.DEFAULTS
            .withDataDirectory(directory.resolve("data"))
            .withSettings(Map.of("max_connections", "7"));
    try (var postgres = EmbeddedPostgres.start(config)) {
      query(postgres, "select pgmq.create('kept')");
    }
    assertThat(Files.exists(directory.resolve("data/PG_VERSION"))).isTrue();
    try (var postgres = EmbeddedPostgres.start(config)) {
      assertThat(query(postgres, "select queue_name from pgmq.list_queues()")).isEqualTo("kept");
      assertThat(query(postgres, "show max_connections")).isEqualTo("7");
    }
  }

  @Test
  void aServerThatBeginsWithACopyDoesNotChangeTheTemplate(@TempDir Path directory)
      throws SQLException {
    var template = directory.resolve("template");
    try (var first =
        EmbeddedPostgres.start(EmbeddedPostgresConfig.DEFAULTS.withDataDirectory(template))) {
      query(first, "select pgmq.create('copied')");
    }
    for (int i = 0; i < 2; i++) {
      try (var copy =
          EmbeddedPostgres.start(EmbeddedPostgresConfig.DEFAULTS.withTemplate(template))) {
        assertThat(query(copy, "select string_agg(queue_name, ',') from pgmq.list_queues()"))
            .isEqualTo("copied");
        query(copy, "select pgmq.create('added')");
      }
    }
  }

  @Test
  void aServerThatCannotStartExplainsWhy() {
    var config =
        new EmbeddedPostgresConfig(
            0, null, null, Duration.ofSeconds(10), Map.of("shared_buffers", "a lot"));
    assertThatThrownBy(() -> EmbeddedPostgres.start(config))
        .isInstanceOf(EmbeddedPostgresException.class)
        .hasMessageContaining("shared_buffers");
  }

  @Test
  void closeIsIdempotent() {
    var postgres = EmbeddedPostgres.start();
    postgres.close();
    postgres.close();
    assertThat(postgres.dataDirectory()).doesNotExist();
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (var connection =
            DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
