package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.ExpensiveModules;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;

/** A broker as a process, with modules that take long or much to compile. */
@Timeout(600)
class CompilationIT {
  @TempDir private Path modules;
  private TestDatabase database;
  private BrokerQueue queue;

  @BeforeEach
  void setUp() {
    database = TestDatabase.create();
    queue = new BrokerQueue(database);
  }

  @AfterEach
  void tearDown() {
    database.close();
  }

  @Test
  void otherStepsRunWhileModulesCompileAndASignalDoesNotWaitForThem() throws InterruptedException {
    TestModules.add(modules, "endless", ExpensiveModules.nestedLoops(100_000));
    TestModules.add(modules, "also-endless", ExpensiveModules.nestedLoops(99_999));
    TestModules.addFixed(modules, "quick", "{\"status\":\"completed\",\"result\":{}}");
    // More steps than slots wait for the modules, in front of those that can run.
    send("endless", 20);
    send("also-endless", 20);
    send("noop", 20);
    send("quick", 20);
    try (var process =
        start("--set=engine.compile-time=1h", "--set=engine.compile-concurrency=3")) {
      queue.awaitResults(40);
      process.terminate();

      assertThat(process.awaitExit()).as(process.output()).isZero();
      assertThat(process.output()).doesNotContain("Exception", "\tat ", "module refused");
    }
    assertThat(queue.results("completed")).isEqualTo(40);
    assertThat(queue.visible()).as("released").isEqualTo(40);
  }

  /** The library compiles on threads of its own, which one expensive module may use up. */
  @Test
  void withWasmtimeJavaLoadedModulesRunWhileAnotherCompilesAndASignalDoesNotWaitForIt()
      throws InterruptedException {
    send("noop", 1);
    try (var process = start("--engine=wasmtime-java")) {
      queue.awaitResults(1);
      TestModules.add(modules, "endless", ExpensiveModules.nestedLoops(100_000));
      send("endless", 20);
      send("noop", 20);
      queue.awaitResults(21);
      process.terminate();

      assertThat(process.awaitExit()).as(process.output()).isZero();
    }
    assertThat(queue.results("completed")).isEqualTo(21);
    assertThat(queue.visible()).as("released").isEqualTo(20);
  }

  @Test
  void aStepWhoseModuleIsTooExpensiveFailsForGoodWithTheReason() throws InterruptedException {
    TestModules.add(modules, "endless", ExpensiveModules.nestedLoops(100_000));
    TestModules.add(modules, "giant", ExpensiveModules.giantFunction(1_000_000));
    send("endless", 20);
    send("giant", 20);
    send("noop", 20);
    try (var process = start("--set=engine.compile-time=2s", "--set=engine.compile-memory=96MiB")) {
      queue.awaitResults(60);
      process.terminate();

      assertThat(process.awaitExit()).as(process.output()).isZero();
      // Which limit comes first depends on the machine; a slow one may refuse the catalog, too.
      for (var handler : List.of("endless", "giant")) {
        assertThat(refusals(process, handler))
            .singleElement(InstanceOfAssertFactories.STRING)
            .contains("or raise engine.compile-");
      }
    }
    assertThat(queue.results("completed")).isEqualTo(20);
    assertThat(queue.errorTypes()).containsOnly("module_refused").hasSize(40);
  }

  private static Stream<String> refusals(BrokerProcess process, String handler) {
    return process
        .output()
        .lines()
        .filter(line -> line.contains("module refused") && line.contains("handler=" + handler));
  }

  private void send(String handler, int count) {
    queue.send(
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    "{\"step_uuid\":\"%s\",\"handler\":\"%s\",\"input\":{}}"
                        .formatted(UUID.randomUUID(), handler))
            .toList());
  }

  private BrokerProcess start(String... settings) {
    var arguments =
        new ArrayList<>(
            List.of(
                "run",
                "--slots=2",
                "--set=registry.directory=" + modules,
                "--set=engine.compile-cache=none"));
    arguments.addAll(List.of(settings));
    return BrokerProcess.start(database, arguments.toArray(String[]::new));
  }
}
