package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.pgmq.QueueName;

/**
 * The SQL in the documents and in deploy/sql that gives roles the privileges that they need. Tests
 * run brokers and commands with such roles, so that what is documented is sufficient.
 */
public final class RoleScripts {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path DEPLOY = Path.of("..", "deploy", "sql");
  private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
  private static final String STANDALONE = "protocol-standalone.md";
  private static final String STANDALONE_ROLE = "wasm_broker";
  private static final String TASKER = "tasker.md";
  private static final String TASKER_ROLE = "tasker_wasm";
  private static final String NAMESPACE = "catalog";

  private RoleScripts() {}

  /**
   * Creates the queues, that of the dead letters too, and lets the role use them.
   *
   * @param role one that exists: roles belong to a server, and tests have their own
   */
  public static List<String> standalone(String role, QueueName queue, QueueName results) {
    return file("broker-role.sql").stream()
        .map(statement -> forRole(statement, STANDALONE_ROLE, role))
        .map(
            statement ->
                statement
                    .replace("catalog_queue", queue.value())
                    .replace("catalog_results", results.value()))
        .toList();
  }

  /** What docs/protocol-standalone.md shows of that, for its default queues and role. */
  public static List<String> standaloneAsDocumented() {
    return script(STANDALONE, "create role ");
  }

  /** Lets the role use the commands for dead letters and queues. */
  public static List<String> operator(String role) {
    return file("operator-role.sql").stream()
        .map(statement -> forRole(statement, "wasm_broker_operator", role))
        .toList();
  }

  /** Lets the role send steps and read results. */
  public static List<String> client(String role) {
    return file("client-role.sql").stream()
        .map(statement -> forRole(statement, "wasm_broker_client", role))
        .toList();
  }

  /** The statements of a file of deploy/sql, without the one that creates a role. */
  public static List<String> file(String name) {
    return statements(read(DEPLOY.resolve(name)));
  }

  /** Lets the role create its queues. */
  public static List<String> standaloneCreatingQueues(String role) {
    var common =
        script(STANDALONE, "create role ").stream()
            .filter(statement -> !statement.contains("catalog_"))
            .collect(Collectors.toList());
    common.addAll(script(STANDALONE, "grant create "));
    return common.stream().map(statement -> forRole(statement, STANDALONE_ROLE, role)).toList();
  }

  /** Lets the role work in Tasker's database, for the namespace {@code catalog}. */
  public static List<String> tasker(String role) {
    return script(TASKER, "create role ").stream()
        .map(statement -> forRole(statement, TASKER_ROLE, role))
        .toList();
  }

  /** What has to be repeated for one more namespace. */
  public static List<String> taskerNamespace(String role, String namespace) {
    return tasker(role).stream()
        .filter(statement -> statement.contains(NAMESPACE))
        .map(statement -> statement.replace(NAMESPACE, namespace))
        .toList();
  }

  /** The statement that takes back what this one grants. */
  public static String revoking(String grant) {
    return grant.replaceFirst("^grant ", "revoke ").replaceFirst(" to (\\w+)$", " from $1");
  }

  /** The statements of the block that begins like this, without the one that creates the role. */
  private static List<String> script(String document, String beginning) {
    return SQL.matcher(read(DOCS.resolve(document)))
        .results()
        .map(block -> block.group(1))
        .filter(block -> block.startsWith(beginning))
        .findFirst()
        .map(RoleScripts::statements)
        .orElseThrow(() -> new AssertionError(document + " has no SQL that begins: " + beginning));
  }

  private static List<String> statements(String script) {
    return Arrays.stream(script.replaceAll("(?m)--.*$", "").split(";", -1))
        .map(String::strip)
        .filter(statement -> !statement.isEmpty() && !statement.startsWith("create role"))
        .toList();
  }

  private static String forRole(String statement, String documented, String role) {
    return statement.replaceAll("\\b(to|authorization) " + documented + "$", "$1 " + role);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
