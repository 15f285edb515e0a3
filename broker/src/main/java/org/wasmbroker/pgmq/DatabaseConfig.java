package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The database, and how many connections to it.
 *
 * @param url the JDBC URL, {@code jdbc:postgresql://host:port/database}
 * @param user the role, or null if the URL contains it
 * @param password its password, or null if the URL contains it or none is needed
 * @param poolSize connections for claims, renewals and reports; listening takes one more
 * @param connectTimeout how long to wait for a connection, pooled or new
 * @param queryTimeout how long one statement may take before it is cancelled
 */
public record DatabaseConfig(
    String url,
    @Nullable String user,
    @Nullable Password password,
    int poolSize,
    Duration connectTimeout,
    Duration queryTimeout) {
  /** A server on this machine, on the default port. */
  public static final DatabaseConfig DEFAULTS =
      new DatabaseConfig(
          "jdbc:postgresql://127.0.0.1:5432/postgres",
          null,
          null,
          5,
          Duration.ofSeconds(5),
          Duration.ofSeconds(15));

  private static final String PREFIX = "jdbc:postgresql://";
  private static final Pattern PASSWORD = Pattern.compile("(password=)[^&]*|(?<=://)[^@]*(?=@)");

  public DatabaseConfig {
    if (!url.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "database.url must start with %s, was %s".formatted(PREFIX, maskUrl(url)));
    }
    if (poolSize < 2) {
      throw new IllegalArgumentException(
          "database.pool-size must be at least 2 (one to claim, one to report), was " + poolSize);
    }
    checkTimeout("database.connect-timeout", connectTimeout);
    checkTimeout("database.query-timeout", queryTimeout);
  }

  private static void checkTimeout(String key, Duration value) {
    if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(key + " must be 1 s to 1 h, was " + value);
    }
  }

  /** Another database or role with otherwise the same settings. */
  public DatabaseConfig withUrl(
      String newUrl, @Nullable String newUser, @Nullable Password newPassword) {
    return new DatabaseConfig(newUrl, newUser, newPassword, poolSize, connectTimeout, queryTimeout);
  }

  /** The same database with another number of connections. */
  public DatabaseConfig withPoolSize(int connections) {
    return new DatabaseConfig(url, user, password, connections, connectTimeout, queryTimeout);
  }

  /** The URL with any password masked. */
  public String maskedUrl() {
    return maskUrl(url);
  }

  /** A URL with any password masked, even if the URL is not usable. */
  public static String maskUrl(String url) {
    return PASSWORD.matcher(url).replaceAll("$1***");
  }

  @Override
  public String toString() {
    return "DatabaseConfig[url=%s, user=%s, password=%s, poolSize=%d, connectTimeout=%s, queryTimeout=%s]"
        .formatted(maskedUrl(), user, password, poolSize, connectTimeout, queryTimeout);
  }
}
