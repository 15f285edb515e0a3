package org.wasmbroker.registry.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasmbroker.testing.Guests.guest;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;
import org.wasmbroker.telemetry.EventSink;

/** The cache with real modules; the guest of these tests spoils its instance after each run. */
class ImagesOnEngineTest {
  private static final Limits LIMITS =
      Limits.DEFAULTS.withTime(Duration.ofSeconds(20)).withMemoryBytes(16 << 20);

  private static Engine engine;

  private final PreparedImages images = images(1 << 20);

  @BeforeAll
  static void start() {
    engine = Engines.start(EngineName.WASMTIME, EngineConfig.of(4));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void runsWithAnImageHaveTheResultsOfRunsThatPrepareThemselves() {
    try (var module = images.over(engine.compile(guest("prepared-configuration"), LIMITS))) {
      for (int i = 0; i < 4; i++) {
        for (var configuration :
            new String[] {"{\"a\":1}", "{\"a\":2}", "{\"data\":\"" + "x".repeat(9000) + "\"}"}) {
          var result = run(module, configuration, LIMITS);
          assertThat(resultOf(result)).isEqualTo(configuration);
          assertThat(result.receipt().prepared()).isEqualTo(i > 0);
        }
      }
    }
  }

  @Test
  void manyThreadsAndConfigurationsInACacheThatIsTooSmallNeverMeet() throws Exception {
    var small = images(1 << 20);
    try (var module = small.over(engine.compile(guest("prepared-configuration"), LIMITS));
        var threads = Executors.newFixedThreadPool(4)) {
      var all =
          IntStream.range(0, 4)
              .mapToObj(
                  thread ->
                      threads.submit(
                          () -> {
                            for (int i = 0; i < 1500; i++) {
                              var configuration =
                                  "{\"a\":\"%s\"}".formatted("%d,".formatted(i % 60).repeat(9000));
                              assertThat(resultOf(run(module, configuration, LIMITS)))
                                  .isEqualTo(configuration);
                            }
                          }))
              .toList();
      for (var one : all) {
        one.get();
      }
    }
    small.settle();
    assertThat(small.evicted()).isPositive();
    assertThat(small.count()).isZero();
  }

  @Test
  void aPreparationThatTrapsFailsEachStepWithItsPlace() {
    try (var module = images.over(engine.compile(guest("prepared-configuration"), LIMITS))) {
      for (int i = 0; i < 4; i++) {
        assertThat(run(module, "{\"u\":1}", LIMITS))
            .isInstanceOfSatisfying(
                InvocationResult.Trapped.class,
                trapped -> {
                  assertThat(trapped.message()).startsWith("in prepare: ");
                  assertThat(trapped.backtrace()).isNotEmpty();
                });
      }
    }
    assertThat(images.lookups(Lookup.FAILED)).isEqualTo(3);
  }

  @Test
  void aPreparationThatNeverEndsIsStoppedInEachStepAndNotRemembered() {
    var limits = LIMITS.withTime(Duration.ofMillis(50));
    try (var module = images.over(engine.compile(guest("prepared-configuration"), LIMITS))) {
      for (int i = 0; i < 3; i++) {
        assertThat(run(module, "{\"l\":1}", limits))
            .isInstanceOfSatisfying(
                InvocationResult.LimitExceeded.class,
                exceeded -> {
                  assertThat(exceeded.limit()).isEqualTo(LimitKind.TIME);
                  assertThat(exceeded.allowed()).isEqualTo(50);
                });
      }
      assertThat(run(module, "{\"a\":1}", LIMITS)).isInstanceOf(InvocationResult.Completed.class);
    }
    assertThat(images.count()).isZero();
  }

  @Test
  void anImageOfMegabytesIsNotKeptAndItsStepsComplete() {
    try (var module = images.over(engine.compile(guest("prepared-configuration"), LIMITS))) {
      for (int i = 0; i < 4; i++) {
        assertThat(resultOf(run(module, "{\"f\":1}", LIMITS))).isEqualTo("{\"f\":1}");
      }
      assertThat(images.lookups(Lookup.TOO_LARGE)).isEqualTo(3);
      assertThat(images.bytes()).isLessThan(4096);
    }
  }

  @Test
  void withLessMemoryAStepGetsNoImageThatWasMadeWithMore() {
    var less = LIMITS.withMemoryBytes(1 << 20);
    var large = images(64 << 20);
    try (var module = large.over(engine.compile(guest("prepared-configuration"), LIMITS))) {
      for (int i = 0; i < 3; i++) {
        assertThat(resultOf(run(module, "{\"f\":1}", LIMITS))).isEqualTo("{\"f\":1}");
        assertThat(run(module, "{\"f\":1}", less))
            .isInstanceOf(InvocationResult.LimitExceeded.class);
      }
    }
  }

  @Test
  void onTheSecondEngineEachRunPreparesItself() {
    try (var second = Engines.start(EngineName.WASMTIME_JAVA, EngineConfig.of(2));
        var compiled = second.compile(guest("prepared-configuration"), LIMITS)) {
      var module = images.over(compiled);
      assertThat(module).isSameAs(compiled);
      for (int i = 0; i < 3; i++) {
        var result = run(module, "{\"a\":1}", LIMITS);
        assertThat(resultOf(result)).isEqualTo("{\"a\":1}");
        assertThat(result.receipt().prepared()).isFalse();
      }
    }
  }

  /** Their clock stands, so that no preparation is put off because others took long. */
  private static PreparedImages images(long maximumBytes) {
    return new PreparedImages(maximumBytes, EventSink.NONE, () -> 0);
  }

  private static InvocationResult run(CompiledModule module, String configuration, Limits limits) {
    return module.run(
        new Invocation(
            "handler",
            Document.of("{\"step\":{},\"config\":" + configuration + ",\"context\":{}}"),
            limits,
            new Cancellation(),
            GuestLog.NONE,
            Capabilities.STANDARD.basicAccess()));
  }

  private static String resultOf(InvocationResult result) {
    assertThat(result).isInstanceOf(InvocationResult.Completed.class);
    var document = ((InvocationResult.Completed) result).output().text();
    var start = "{\"status\":\"completed\",\"result\":";
    assertThat(document).startsWith(start).endsWith("}");
    return document.substring(start.length(), document.length() - 1);
  }
}
