package org.wasmbroker.pgmq;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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

  /** Arrays of text travel in binary, with no quoting; the server parses JSON that is in them. */
  public static Array texts(Connection connection, List<? extends @Nullable String> values)
      throws SQLException {
    return connection.createArrayOf("text", values.toArray(String[]::new));
  }
}
