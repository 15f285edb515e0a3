package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.TestDatabase;

class SqlArraysIT {
  private static TestDatabase postgres;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
  }

  @AfterAll
  static void close() {
    postgres.close();
  }

  @Test
  void documentsReachPostgresAsTheyAre() throws SQLException {
    var documents = new ArrayList<@Nullable Document>();
    documents.add(Document.of("{\"a\": \"b \\\"c\\\" \\\\ ü 😀, {}\"}"));
    documents.add(null);
    documents.add(Document.EMPTY);
    documents.add(Document.of("NULL"));
    try (var database = Database.open(postgres.brokerConfig(), "test")) {
      List<@Nullable Document> sent =
          database.call("send", connection -> sent(connection, documents));
      List<@Nullable Document> none =
          database.call("send", connection -> sent(connection, List.of()));
      assertThat(sent).isEqualTo(documents);
      assertThat(none).isEmpty();
      try (var simple = database.connectWithoutPreparing()) {
        assertThat(sent(simple, documents)).isEqualTo(documents);
        assertThat(sent(simple, List.of())).isEmpty();
      }
    }
  }

  private static List<@Nullable Document> sent(
      Connection connection, List<? extends @Nullable Document> documents) throws SQLException {
    try (var statement =
        connection.prepareStatement("select value from unnest(?::text[]) as value")) {
      statement.setArray(1, SqlArrays.documents(connection, documents));
      try (var rows = statement.executeQuery()) {
        var values = new ArrayList<@Nullable Document>();
        while (rows.next()) {
          values.add(Pgmq.json(rows, 1));
        }
        return values;
      }
    }
  }
}
