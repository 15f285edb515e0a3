package org.wasmbroker.embedded;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the orchestrator is started.
 *
 * @param program the executable {@code tasker-server}, which {@code scripts/fetch-tasker server}
 *     builds
 * @param jdbcUrl the database with Tasker's schema; PGMQ is in the same one
 * @param user the role; null if the URL has it
 * @param password its password; null if the URL has it
 * @param startTimeout how long it may take to become ready
 */
public record TaskerOrchestratorConfig(
    Path program,
    String jdbcUrl,
    @Nullable String user,
    @Nullable String password,
    Duration startTimeout) {
  private static final String JDBC = "jdbc:postgresql://";

  public TaskerOrchestratorConfig {
    if (!jdbcUrl.startsWith(JDBC)) {
      throw new IllegalArgumentException("the URL must start with " + JDBC);
    }
    if (!startTimeout.isPositive()) {
      throw new IllegalArgumentException("the start timeout must be positive: " + startTimeout);
    }
  }

  /** An orchestrator on this database, with a start timeout of one minute. */
  public static TaskerOrchestratorConfig of(
      Path program, String jdbcUrl, @Nullable String user, @Nullable String password) {
    return new TaskerOrchestratorConfig(program, jdbcUrl, user, password, Duration.ofMinutes(5));
  }

  /** The URL in Tasker's form: role and password before the host, no JDBC parameters. */
  String databaseUrl() {
    var address = jdbcUrl.substring(JDBC.length());
    int query = address.indexOf('?');
    var name = user == null ? parameter("user") : user;
    var secret = password == null ? parameter("password") : password;
    return "postgresql://%s:%s@%s"
        .formatted(
            encode(name == null ? "postgres" : name),
            encode(secret == null ? "none" : secret), // it rejects an empty one
            query < 0 ? address : address.substring(0, query));
  }

  private @Nullable String parameter(String name) {
    int query = jdbcUrl.indexOf('?');
    if (query < 0) {
      return null;
    }
    for (var pair : jdbcUrl.substring(query + 1).split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return "TaskerOrchestratorConfig[program=%s, user=%s, startTimeout=%s]"
        .formatted(program, user, startTimeout);
  }
}
