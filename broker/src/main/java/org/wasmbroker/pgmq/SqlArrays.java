package org.wasmbroker.pgmq;

import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;
import org.postgresql.jdbc.PreferQueryMode;
import org.wasmbroker.step.Document;

/** Collections as array parameters of statements. */
public final class SqlArrays {
  private SqlArrays() {}

  public static Array uuids(Connection connection, Collection<UUID> values) throws SQLException {
    return connection.createArrayOf("uuid", values.toArray(UUID[]::new));
  }

  public static Array longs(Connection connection, Collection<Long> values) throws SQLException {
    return connection.createArrayOf("int8", values.toArray(Long[]::new));
  }

  public static Array ints(Connection connection, Collection<Integer> values) throws SQLException {
    return connection.createArrayOf("int4", values.toArray(Integer[]::new));
  }

  public static Array booleans(Connection connection, Collection<Boolean> values)
      throws SQLException {
    return connection.createArrayOf("bool", values.toArray(Boolean[]::new));
  }

  /**
   * JSON as an array of text, of bytes that are copied once: into the array as it travels. Postgres
   * checks that they are UTF-8.
   */
  public static Array documents(Connection connection, List<? extends @Nullable Document> values)
      throws SQLException {
    var postgres = connection.unwrap(BaseConnection.class);
    if (postgres.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
      // In this mode parameters are parts of the statement's text.
      return texts(
          connection, values.stream().map(value -> value == null ? null : value.text()).toList());
    }
    var encoded = ByteBuffer.allocate(encodedBytes(values));
    encoded.putInt(values.isEmpty() ? 0 : 1).putInt(1).putInt(Oid.TEXT);
    if (!values.isEmpty()) {
      encoded.putInt(values.size()).putInt(1);
    }
    for (var value : values) {
      if (value == null) {
        encoded.putInt(-1);
      } else {
        encoded.putInt(value.size()).put(value.bytes());
      }
    }
    return new PgArray(postgres, Oid.TEXT_ARRAY, encoded.array());
  }

  /** As Postgres encodes an array: dimensions, nulls, type; size, lower bound; the elements. */
  private static int encodedBytes(List<? extends @Nullable Document> values) {
    long bytes = 5L * Integer.BYTES;
    for (var value : values) {
      bytes += Integer.BYTES + (value == null ? 0 : value.size());
    }
    return Math.toIntExact(values.isEmpty() ? 3L * Integer.BYTES : bytes);
  }

  /** Arrays of text travel in binary, with no quoting; the server parses JSON that is in them. */
  public static Array texts(Connection connection, List<? extends @Nullable String> values)
      throws SQLException {
    return connection.createArrayOf("text", values.toArray(String[]::new));
  }
}
