package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A script is published, and replaced, beside a broker that runs: docs/javascript.md. */
class PublishedScriptIT {
  @TempDir private Path directory;

  private final Set<ModuleId> loaded = ConcurrentHashMap.newKeySet();
  private final AtomicInteger compiled = new AtomicInteger();
  private int sent;

  private void on(BrokerEvent event) {
    switch (event) {
      case ModuleEvent.Loaded(var module, _, _) -> loaded.add(module);
      case ModuleEvent.Compiled _ -> compiled.incrementAndGet();
      default -> {}
    }
  }

  @Test
  void aRunningBrokerUsesAScriptAndThenItsNextVersionWithoutCompilingAgain() throws IOException {
    var bundled = new BundledModules().list().size();
    var project = project();
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      try (var _ = Broker.start(config(database), this::on)) {
        Await.until("all bundled handlers loaded", () -> loaded.size() == bundled);
        int ofBundled = compiled.get(); // several handlers may be one module

        publish(project, "1.0.0");
        var first = answerOf(database, queue, "1.0.0");
        int compilations = compiled.get();
        publish(project, "1.1.0");
        var next = answerOf(database, queue, "1.1.0");

        assertThat(first.at("/result").toString()).isEqualTo("{\"by\":\"1.0.0\",\"sum\":3}");
        assertThat(next.at("/result").toString()).isEqualTo("{\"by\":\"1.1.0\",\"sum\":3}");
        assertThat(digest(first)).startsWith("sha256:").isNotEqualTo(digest(next));
        assertThat(loaded).hasSize(bundled + 2);
        // Those that carry a script share one compilation, beside that of the interpreter alone.
        assertThat(compilations).isEqualTo(ofBundled + 1);
        assertThat(compiled).hasValue(compilations);
      }
      assertThat(queue.results("failed")).isZero();
    }
  }

  /** Without a compile cache, so that a second compilation could not be hidden by it. */
  private BrokerConfig config(TestDatabase database) {
    return BrokerConfigs.with(
        BrokerConfigs.standalone(database.config()),
        EngineConfig.of(DispatchConfig.DEFAULTS.slots()),
        RegistryConfig.DEFAULTS.withDirectory(modules(), Duration.ofMillis(200)));
  }

  private Path modules() {
    return directory.resolve("modules");
  }

  private Path project() throws IOException {
    var project = directory.resolve("adder");
    succeed("new", "adder", "--lang", "js", "--dir", project.toString());
    Files.createDirectories(modules());
    return project;
  }

  private void publish(Path project, String version) throws IOException {
    Files.writeString(
        project.resolve("handler.js"),
        "export default ({ context }) => ({ by: \"%s\", sum: context.a + context.b });\n"
            .formatted(version));
    Files.writeString(
        project.resolve("manifest.json"),
        """
        {"name":"adder","version":"%s","abi":"1","config_schema":{"type":"object"},
         "capabilities":{"host_functions":["read_input","read_content","write_output","log"]},
         "resources":{"memory_bytes":16777216,"timeout_ms":10000}}
        """
            .formatted(version));
    succeed("publish", project.toString(), modules().toString());
  }

  private static void succeed(String... arguments) {
    var run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(ExitCode.OK);
  }

  /** The result of a step that names no version, of the first that this version ran. */
  private JsonNode answerOf(TestDatabase database, BrokerQueue queue, String version) {
    return Await.value(
        "a result of adder " + version,
        () -> {
          queue.send(
              List.of(
                  """
                  {"step_uuid":"%s","handler":"adder","config":{},"input":{"a":1,"b":2}}\
                  """
                      .formatted(UUID.randomUUID())));
          sent++;
          queue.awaitResults(sent);
          return results(database, version);
        });
  }

  private static Optional<JsonNode> results(TestDatabase database, String version) {
    return database
        .query("select message::text from pgmq.q_catalog_results order by msg_id")
        .stream()
        .map(row -> JsonMapper.shared().readTree(String.valueOf(row)))
        .filter(result -> receipt(result).at("/version").asString("none").equals(version))
        .findFirst();
  }

  private static String digest(JsonNode result) {
    return receipt(result).at("/digest").asString("none");
  }

  private static JsonNode receipt(JsonNode result) {
    return result.at("/metadata/custom/receipt");
  }
}
