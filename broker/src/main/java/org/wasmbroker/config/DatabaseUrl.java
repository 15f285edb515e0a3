package org.wasmbroker.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Password;

/**
 * The address of a database, with user and password if it contains them. Two forms are accepted:
 * JDBC URLs, and the form that psql, Tasker and most other programs use.
 *
 * @param jdbcUrl the address as a JDBC URL
 */
record DatabaseUrl(String jdbcUrl, @Nullable String user, @Nullable Password password) {
  static final String SYNTAX =
      "an address such as jdbc:postgresql://host:5432/database, or"
          + " postgresql://user:password@host:5432/database with no parameters other than sslmode,"
          + " sslrootcert, sslcert, sslkey, options and connect_timeout";

  private static final String JDBC_PREFIX = "jdbc:postgresql://";
  private static final Pattern LIBPQ_URL =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<user>[^:@/]*)(?::(?<password>[^@]*))?@)?(?<hosts>[^/?@]+)"
              + "/(?<database>[^/?]+)(?:\\?(?<parameters>.*))?");

  /** Parameters that both forms support, with their JDBC names. */
  private static final Map<String, String> PARAMETERS =
      Map.of(
          "sslmode", "sslmode",
          "sslrootcert", "sslrootcert",
          "sslcert", "sslcert",
          "sslkey", "sslkey",
          "options", "options",
          "connect_timeout", "connectTimeout");

  /** Overrides user and password with those that were configured separately. */
  DatabaseUrl with(@Nullable String userOverride, @Nullable Password passwordOverride) {
    return new DatabaseUrl(
        jdbcUrl,
        userOverride == null ? user : userOverride,
        passwordOverride == null ? password : passwordOverride);
  }

  static Optional<DatabaseUrl> parse(String text) {
    if (text.startsWith(JDBC_PREFIX)) {
      return Optional.of(new DatabaseUrl(text, null, null));
    }
    var parts = LIBPQ_URL.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      var user = decoded(parts.group("user"));
      var password = decoded(parts.group("password"));
      return jdbcParameters(parts.group("parameters"))
          .map(
              parameters ->
                  new DatabaseUrl(
                      JDBC_PREFIX
                          + parts.group("hosts")
                          + "/"
                          + parts.group("database")
                          + parameters,
                      user,
                      password == null ? null : Password.of(password)));
    } catch (IllegalArgumentException badEscape) {
      return Optional.empty();
    }
  }

  private static Optional<String> jdbcParameters(@Nullable String parameters) {
    if (parameters == null || parameters.isEmpty()) {
      return Optional.of("");
    }
    var accepted = new ArrayList<String>();
    for (var parameter : parameters.split("&", -1)) {
      int at = parameter.indexOf('=');
      var name = at < 0 ? null : PARAMETERS.get(parameter.substring(0, at));
      if (name == null) {
        return Optional.empty();
      }
      accepted.add(name + parameter.substring(at));
    }
    return Optional.of("?" + String.join("&", accepted));
  }

  /** Decodes percent-encoding; a plus sign is not a space. */
  private static @Nullable String decoded(@Nullable String text) {
    return text == null || text.isEmpty()
        ? null
        : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
