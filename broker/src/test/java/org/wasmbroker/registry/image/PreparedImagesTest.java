package org.wasmbroker.registry.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.PreparedImage;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ModuleEvent.PreparationFailure;

class PreparedImagesTest {
  private static final int IMAGE_BYTES = 100 << 10;
  private static final long CACHE_BYTES = 4 << 20;
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofSeconds(1));
  private static final Access ACCESS = new Access(Set.of("read_input", "log"), List.of());

  /** What preparations may cost before any run earned it, and the one that overdraws it. */
  private static final long FIRST_CREDIT_NANOS = 100_100_000;

  private final AtomicLong clock = new AtomicLong();
  private final ConcurrentLinkedQueue<BrokerEvent> events = new ConcurrentLinkedQueue<>();
  private final PreparedImages images = new PreparedImages(CACHE_BYTES, events::add, clock::get);
  private final PreparingModule engineModule = new PreparingModule(clock, IMAGE_BYTES);
  private final CompiledModule module = images.over(engineModule);

  @Test
  void theFirstRunPreparesItselfTheSecondMakesTheImageAndOthersStartWithIt() {
    var prepared =
        IntStream.range(0, 5).mapToObj(_ -> run("{\"a\":1}").receipt().prepared()).toList();

    assertThat(prepared).containsExactly(false, true, true, true, true);
    assertThat(engineModule.prepared).containsExactly("{\"a\":1}");
    assertThat(images.lookups(Lookup.NEW)).isEqualTo(1);
    assertThat(images.lookups(Lookup.MADE)).isEqualTo(1);
    assertThat(images.lookups(Lookup.HIT)).isEqualTo(3);
    assertThat(images.count()).isEqualTo(1);
    assertThat(images.bytes()).isBetween((long) IMAGE_BYTES, IMAGE_BYTES + 2048L);
    assertThat(events)
        .containsExactly(
            new ModuleEvent.ImageMade(PreparingModule.PREPARATION.plus(PreparingModule.REST)));
  }

  @Test
  void eachConfigurationHasItsOwnImage() {
    for (int i = 0; i < 4; i++) {
      for (var configuration : List.of("{}", "{\"a\":1}", "{\"a\":2}", "{\"a\": 1}")) {
        assertThat(PreparingModule.configurationOf(run(configuration))).isEqualTo(configuration);
      }
    }
    assertThat(engineModule.prepared).hasSize(4).doesNotHaveDuplicates();
  }

  static Stream<UnaryOperator<Invocation>> whatPrepareCanTell() {
    return Stream.concat(
        Stream.of(
                LimitKind.MEMORY,
                LimitKind.TABLE_ELEMENTS,
                LimitKind.FUEL,
                LimitKind.HOST_CALLS,
                LimitKind.LOG,
                LimitKind.LOG_LINE,
                LimitKind.INPUT)
            .map(
                kind ->
                    invocation ->
                        invocation.withLimits(invocation.limits().with(kind, LIMITS.of(kind) + 1))),
        Stream.of("log", "read_input", "read_content")
            .map(
                function ->
                    invocation -> with(invocation, new Access(Set.of(function), List.of()))));
  }

  @ParameterizedTest
  @MethodSource("whatPrepareCanTell")
  void runsUnderOtherLimitsOrGrantsDoNotShareAnImage(UnaryOperator<Invocation> change) {
    for (int i = 0; i < 3; i++) {
      run("{\"a\":1}");
    }
    var changed = module.run(change.apply(invocation("{\"a\":1}")));

    assertThat(changed.receipt().prepared()).isFalse();
    assertThat(images.lookups(Lookup.NEW)).isEqualTo(2);
  }

  @Test
  void stepsThatDifferInAnythingElseShareIt() {
    run("{\"a\":1}");
    run("{\"a\":1}");
    var other =
        new Invocation(
            "other-name",
            Document.of("{\"step\":{\"name\":\"other\"},\"config\":{\"a\":1},\"context\":[7]}"),
            LIMITS.withTime(Duration.ofMillis(20)).with(LimitKind.OUTPUT, 10),
            new Cancellation(),
            GuestLog.NONE,
            new Access(Set.of("read_input", "log", "http_request"), List.of()));

    assertThat(module.run(other).receipt().prepared()).isTrue();
  }

  @Test
  void modulesShareNoImage() {
    var second = images.over(new PreparingModule(clock, IMAGE_BYTES));
    run("{}");
    run("{}");

    assertThat(second.run(invocation("{}")).receipt().prepared()).isFalse();
  }

  @Test
  void aFailedPreparationIsRememberedAndEachStepFailsWithItAndItsOwnReceipt() {
    engineModule.failing(_ -> trapped());
    run("{\"a\":1}");
    var first = run("{\"a\":1}");
    var later = module.run(with(invocation("{\"a\":1}"), ACCESS));

    assertThat(first).isInstanceOf(InvocationResult.Trapped.class);
    assertThat(first.receipt().execution()).isEqualTo(PreparingModule.PREPARATION);
    assertThat(first.receipt().bytesIn()).isEqualTo(invocation("{\"a\":1}").input().size());
    assertThat(later)
        .isInstanceOfSatisfying(
            InvocationResult.Trapped.class,
            trap -> assertThat(trap.message()).isEqualTo("out of bounds"));
    assertThat(later.receipt().execution()).isZero();
    assertThat(later.receipt().bytesIn()).isEqualTo(first.receipt().bytesIn());
    assertThat(engineModule.prepared).hasSize(1);
    assertThat(images.lookups(Lookup.FAILED)).isEqualTo(2);
    assertThat(events)
        .containsExactly(new ModuleEvent.PreparationFailed(PreparationFailure.TRAPPED));
  }

  @Test
  void theReceiptOfAFailedPreparationHasWhatItWaitedForProcessors() {
    var waited =
        new Receipt(
            null,
            receipt().engine(),
            Duration.ZERO,
            Duration.ofMillis(7),
            PreparingModule.REST,
            PreparingModule.PREPARATION,
            1 << 16,
            List.of(),
            0,
            0,
            0,
            GrantUsage.NONE,
            false,
            null);
    engineModule.failing(
        _ ->
            new InvocationResult.Trapped(
                TrapKind.MEMORY_OUT_OF_BOUNDS, "out of bounds", List.of(), waited));
    run("{\"a\":1}");

    assertThat(run("{\"a\":1}").receipt().permitWait()).isEqualTo(Duration.ofMillis(7));
    assertThat(run("{\"a\":1}").receipt().permitWait()).as("nothing ran").isZero();
  }

  static Stream<InvocationResult> whatDependsOnTheMoment() {
    return Stream.of(
        new InvocationResult.LimitExceeded(LimitKind.TIME, 5, 6, receipt()),
        new InvocationResult.Cancelled("the lease was lost", receipt()));
  }

  @ParameterizedTest
  @MethodSource("whatDependsOnTheMoment")
  void whatDependsOnTheMomentIsNotRemembered(InvocationResult ofTheMoment) {
    engineModule.failing(_ -> ofTheMoment);
    run("{\"a\":1}");
    assertThat(run("{\"a\":1}")).isInstanceOf(ofTheMoment.getClass());

    engineModule.failing(_ -> null);
    assertThat(run("{\"a\":1}").receipt().prepared()).isTrue();
  }

  @Test
  void aLimitOtherThanTimeIsRemembered() {
    engineModule.failing(
        _ -> new InvocationResult.LimitExceeded(LimitKind.MEMORY, 65_536, 131_072, receipt()));
    run("{\"a\":1}");
    run("{\"a\":1}");
    engineModule.failing(_ -> null);

    assertThat(run("{\"a\":1}")).isInstanceOf(InvocationResult.LimitExceeded.class);
    assertThat(events)
        .containsExactly(new ModuleEvent.PreparationFailed(PreparationFailure.LIMIT_EXCEEDED));
  }

  @Test
  void anImageThatIsTooLargeIsTriedOnceAndEachRunPreparesItself() {
    var large = new PreparingModule(clock, CACHE_BYTES / 4 + 1);
    var preparing = images.over(large);
    for (int i = 0; i < 5; i++) {
      var result = preparing.run(invocation("{\"a\":1}"));
      assertThat(PreparingModule.configurationOf(result)).isEqualTo("{\"a\":1}");
      assertThat(result.receipt().prepared()).isFalse();
    }
    assertThat(large.prepared).hasSize(1);
    assertThat(images.bytes()).isLessThan(2048);
    assertThat(events)
        .containsExactly(new ModuleEvent.PreparationFailed(PreparationFailure.IMAGE_TOO_LARGE));
  }

  @Test
  void beyondItsBoundImagesAreDroppedAndThoseInUseStayValid() {
    run("{\"first\":true}");
    run("{\"first\":true}");
    var inUse = (PreparingModule.Image) imageOf("{\"first\":true}");
    for (int i = 0; i < 200; i++) {
      run("{\"a\":" + i + "}");
      run("{\"a\":" + i + "}");
      images.settle();
      assertThat(images.bytes()).isLessThanOrEqualTo(CACHE_BYTES);
    }

    assertThat(images.evicted()).isPositive();
    assertThat(images.count()).isLessThanOrEqualTo(CACHE_BYTES / IMAGE_BYTES);
    assertThat(inUse.configuration()).isEqualTo("{\"first\":true}");
    assertThat(module.run(invocation("{\"first\":true}").withImage(inUse)).receipt().prepared())
        .isTrue();
  }

  @Test
  void configurationsThatComeOncePrepareNothingAndKeepNothing() {
    for (int i = 0; i < 50_000; i++) {
      run("{\"a\":" + i + "}");
    }
    assertThat(engineModule.prepared).isEmpty();
    assertThat(images.count()).isZero();
    assertThat(images.lookups(Lookup.NEW)).isEqualTo(50_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void aFloodInWhichEachConfigurationComesAFewTimesCostsAtMostATwentiethMore(int times) {
    long before = clock.get();
    int runs = 0;
    for (int i = 0; i < 40_000 / times; i++) {
      for (int again = 0; again < times; again++) {
        run("{\"a\":" + i + "}");
        runs++;
      }
    }
    assertCostAtMostATwentiethMore(runs, clock.get() - before);
  }

  @Test
  void aCycleThatIsLongerThanTheCacheCostsAtMostATwentiethMore() {
    long before = clock.get();
    int runs = 0;
    for (int round = 0; round < 40; round++) {
      for (int i = 0; i < 1000; i++) {
        run("{\"a\":" + i + "}");
        runs++;
      }
    }
    assertCostAtMostATwentiethMore(runs, clock.get() - before);
  }

  private static void assertCostAtMostATwentiethMore(int runs, long nanos) {
    long withoutImages = runs * PreparingModule.REST.plus(PreparingModule.PREPARATION).toNanos();
    assertThat(nanos).isLessThanOrEqualTo(withoutImages + withoutImages / 20 + FIRST_CREDIT_NANOS);
  }

  @Test
  void aFloodForOneHandlerTakesNothingFromAnother() {
    var flooded = images.over(new PreparingModule(clock, 1 << 20));
    var configurations = IntStream.range(0, 10).mapToObj(i -> "{\"calm\":" + i + "}").toList();
    for (int i = 0; i < 5000; i++) {
      flooded.run(invocation("{\"a\":" + i / 2 + "}"));
      run(configurations.get(i % 10));
    }
    long hits = images.lookups(Lookup.HIT);
    for (int i = 0; i < 1000; i++) {
      flooded.run(invocation("{\"b\":" + i / 2 + "}"));
      run(configurations.get(i % 10));
    }
    assertThat(images.lookups(Lookup.HIT) - hits).isGreaterThan(950);
  }

  @Test
  void aConfigurationThatManyStepsBringAtOnceIsPreparedOnceAndNoneWaits() throws Exception {
    run("{\"a\":1}");
    var started = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    engineModule.failing(
        _ -> {
          started.countDown();
          awaitUninterrupted(go);
          return null;
        });
    try (var threads = Executors.newFixedThreadPool(4)) {
      var first = threads.submit(() -> run("{\"a\":1}"));
      started.await();
      var others = new ArrayList<Future<InvocationResult>>();
      for (int i = 0; i < 8; i++) {
        others.add(threads.submit(() -> run("{\"a\":1}")));
      }
      for (var other : others) {
        assertThat(other.get().receipt().prepared()).isFalse();
      }
      go.countDown();
      assertThat(first.get().receipt().prepared()).isTrue();
    }
    assertThat(engineModule.prepared).hasSize(1);
    assertThat(images.lookups(Lookup.DEFERRED)).isEqualTo(8);
    assertThat(run("{\"a\":1}").receipt().prepared()).isTrue();
  }

  @Test
  void imagesLeaveWithTheirModuleAndThoseOfOthersStay() {
    var other = images.over(new PreparingModule(clock, IMAGE_BYTES));
    for (int i = 0; i < 2; i++) {
      run("{\"a\":1}");
      other.run(invocation("{\"a\":1}"));
    }
    module.close();
    images.settle();

    assertThat(engineModule.isClosed()).isTrue();
    assertThat(images.count()).isEqualTo(1);
    assertThat(images.evicted()).isZero();
    assertThat(other.run(invocation("{\"a\":1}")).receipt().prepared()).isTrue();
  }

  @Test
  void anImageThatIsMadeWhileItsModuleLeavesIsNotKept() {
    run("{\"a\":1}");
    engineModule.failing(
        _ -> {
          module.close();
          return null;
        });
    assertThat(run("{\"a\":1}").receipt().prepared()).isTrue();
    images.settle();

    assertThat(images.count()).isZero();
  }

  @Test
  void whatAPreparationThrowsIsNotRememberedAndBlocksNobody() {
    run("{\"a\":1}");
    engineModule.failing(
        _ -> {
          throw new IllegalStateException("the module is closed");
        });
    assertThatThrownBy(() -> run("{\"a\":1}")).hasMessage("the module is closed");
    engineModule.failing(_ -> null);

    assertThat(run("{\"a\":1}").receipt().prepared()).isTrue();
  }

  @Test
  void theTimeOfThePreparationCountsAgainstTheRunThatMakesIt() {
    engineModule.preparationTakes(Duration.ofMillis(999));
    run("{\"a\":1}");
    var made = run("{\"a\":1}");
    assertThat(made.receipt().prepared()).isTrue();
    assertThat(made.receipt().instantiation()).isGreaterThan(Duration.ofMillis(999));

    engineModule.preparationTakes(Duration.ofSeconds(1));
    for (int i = 0; i < 20; i++) {
      run("{\"a\":1}"); // earns what the next preparation costs
    }
    run("{\"a\":2}");
    assertThat(run("{\"a\":2}"))
        .isInstanceOfSatisfying(
            InvocationResult.LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.TIME);
              assertThat(exceeded.allowed()).isEqualTo(1000);
              assertThat(exceeded.used()).isEqualTo(1000);
            });
    assertThat(run("{\"a\":2}").receipt().prepared()).isTrue();
  }

  @Test
  void withoutACacheModulesStayAsTheyAre() {
    assertThat(new PreparedImages(0, events::add).over(engineModule)).isSameAs(engineModule);
  }

  private InvocationResult run(String configuration) {
    return module.run(invocation(configuration));
  }

  private PreparedImage imageOf(String configuration) {
    var key = ImageKey.of(engineModule, invocation(configuration));
    return ((KnownPreparation.Image) Objects.requireNonNull(images.find(key))).image();
  }

  private static Invocation invocation(String configuration) {
    return new Invocation(
        "handler",
        Document.of("{\"step\":{},\"task\":{},\"config\":" + configuration + ",\"context\":{}}"),
        LIMITS,
        new Cancellation(),
        GuestLog.NONE,
        ACCESS);
  }

  private static Invocation with(Invocation invocation, Access access) {
    return new Invocation(
        invocation.handler(),
        invocation.input(),
        invocation.limits(),
        invocation.cancellation(),
        invocation.log(),
        access);
  }

  private static InvocationResult trapped() {
    return new InvocationResult.Trapped(
        TrapKind.MEMORY_OUT_OF_BOUNDS, "out of bounds", List.of(), receipt());
  }

  private static Receipt receipt() {
    return PreparingModule.receipt(0, PreparingModule.REST, PreparingModule.PREPARATION, false);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
