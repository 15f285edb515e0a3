package org.wasmbroker.secret;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of the sources of secrets.
 *
 * @param directory the directory with a file for each secret, or null for none
 * @param environmentPrefix the prefix of environment variables that contain secrets
 * @param refresh how long a file's content is cached
 */
public record SecretsConfig(@Nullable Path directory, String environmentPrefix, Duration refresh) {
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{2,}_");

  /** The prefix of the broker's own variables, which include passwords. */
  private static final String BROKER_PREFIX = "WASM_BROKER_";

  /** Other variables that contain the broker's own passwords. */
  private static final List<String> OTHER_RESERVED = List.of("DATABASE_URL", "PGMQ_DATABASE_URL");

  // After the patterns that its check needs.
  public static final SecretsConfig DEFAULTS =
      new SecretsConfig(null, "WASM_BROKER_SECRET_", Duration.ofSeconds(1));

  public SecretsConfig {
    if (!PREFIX.matcher(environmentPrefix).matches()) {
      throw new IllegalArgumentException(
          "secrets.environment-prefix must be 4 or more letters, digits and '_' with '_' at the"
              + " end, so that it matches nothing but secrets");
    }
    if (matchesBrokerVariables(environmentPrefix.toUpperCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "secrets.environment-prefix must not match the broker's own variables, such as"
              + " WASM_BROKER_DATABASE_PASSWORD and DATABASE_URL");
    }
    if (refresh.isNegative() || refresh.compareTo(Duration.ofMinutes(5)) > 0) {
      throw new IllegalArgumentException(
          "secrets.refresh must be 0 to 5 minutes, was " + refresh.toMillis() + " ms");
    }
  }

  private static boolean matchesBrokerVariables(String prefix) {
    return BROKER_PREFIX.startsWith(prefix)
        || (prefix.startsWith(BROKER_PREFIX) && !prefix.startsWith("WASM_BROKER_SECRET_"))
        || OTHER_RESERVED.stream().anyMatch(variable -> variable.startsWith(prefix));
  }
}
