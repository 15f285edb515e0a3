package org.wasmbroker.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the embedded server is started.
 *
 * @param port the port on the loopback address; 0 takes a free one
 * @param dataDirectory where the data is kept after {@code close}; null for a temporary directory
 *     that is deleted with the server
 * @param template the data directory of a server that was stopped, which is copied; null to begin
 *     with nothing
 * @param startTimeout how long the server may take to accept connections
 * @param settings additional lines of {@code postgresql.conf}, which override the defaults
 */
public record EmbeddedPostgresConfig(
    int port,
    @Nullable Path dataDirectory,
    @Nullable Path template,
    Duration startTimeout,
    Map<String, String> settings) {
  /** A free port, a temporary directory, 3 min. */
  public static final EmbeddedPostgresConfig DEFAULTS =
      new EmbeddedPostgresConfig(0, null, null, Duration.ofMinutes(3), Map.of());

  public EmbeddedPostgresConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("the port must be 0 to 65535, was " + port);
    }
    if (!startTimeout.isPositive()) {
      throw new IllegalArgumentException("the start timeout must be positive: " + startTimeout);
    }
    settings = Map.copyOf(settings);
  }

  public EmbeddedPostgresConfig withDataDirectory(Path directory) {
    return new EmbeddedPostgresConfig(port, directory, template, startTimeout, settings);
  }

  public EmbeddedPostgresConfig withTemplate(Path directory) {
    return new EmbeddedPostgresConfig(port, dataDirectory, directory, startTimeout, settings);
  }

  public EmbeddedPostgresConfig withSettings(Map<String, String> additional) {
    return new EmbeddedPostgresConfig(port, dataDirectory, template, startTimeout, additional);
  }
}
