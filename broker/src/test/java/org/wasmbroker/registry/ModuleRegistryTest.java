package org.wasmbroker.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.route.RolloutRules;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.Version;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ModuleEvent.CompilationFailure;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.FakeModules;

class ModuleRegistryTest {
  private static final String OUTPUT = "{\"status\":\"completed\",\"result\":{}}";

  private final FakeEngine engine =
      new FakeEngine()
          .with("one", FakeEngine.writing(OUTPUT))
          .with("two", FakeEngine.writing(OUTPUT))
          .with("three", FakeEngine.writing(OUTPUT));
  private final FakeModules source = new FakeModules("memory");
  private final RecordedEvents events = new RecordedEvents();
  private final ModuleRegistry registry = registry(source);

  private ModuleRegistry registry(ModuleSource... sources) {
    return new ModuleRegistry(
        engine, Policy.none(Limits.DEFAULTS), List.of(sources), Duration.ofHours(1), events);
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void theNewestVersionMatchingThePrefixIsChosen() {
    source.with("h", "1.9.0", "one").with("h", "1.10.0", "two").with("h", "2.0.1", "three");

    assertThat(version("h")).isEqualTo("2.0.1");
    assertThat(version("h@1")).isEqualTo("1.10.0");
    assertThat(version("h@1.9")).isEqualTo("1.9.0");
    assertThat(version("h@1.9.0")).isEqualTo("1.9.0");
  }

  @Test
  void aVersionPrefixEndsAtADot() {
    source.with("h", "10.0.0", "one");

    assertThat(resolve("h@1")).isInstanceOf(Unknown.class);
  }

  @Test
  void anUnknownHandlerIsReportedWithTheNearestName() {
    source.with("transform", "1.0.0", "one").with("aggregate", "1.0.0", "two");

    assertThat(resolve("transfrom"))
        .isEqualTo(
            new Unknown(
                "no handler is named 'transfrom'; did you mean 'transform'? (available: aggregate,"
                    + " transform)"));
    assertThat(resolve("zzz"))
        .isEqualTo(new Unknown("no handler is named 'zzz'; available: aggregate, transform"));
  }

  @Test
  void anUnknownVersionIsReportedWithTheAvailableOnes() {
    source.with("h", "1.0.0", "one").with("h", "1.1.0", "two");

    assertThat(resolve("h@2"))
        .isEqualTo(new Unknown("handler 'h' has no version 2; available: 1.1.0, 1.0.0"));
  }

  @Test
  void aRefusedModuleIsReportedAndAffectsNoOther() {
    source.with("broken", "1.0.0", "nonsense").with("h", "1.0.0", "one");

    assertThat(resolve("broken"))
        .isEqualTo(new Refused("broken@1.0.0 cannot be used: the module is not WebAssembly"));
    assertThat(version("h")).isEqualTo("1.0.0");
    assertThat(events.refused).containsExactly("broken: the module is not WebAssembly");
  }

  @Test
  void aLoadThatFailsInAnyWayEndsForEveryoneWhoWaitsForIt() {
    for (var failure : List.of(new StackOverflowError(), new AssertionError("of the test"))) {
      var listed = new FakeModules("memory").with("h", "1.0.0", "one");
      try (var failing =
          registry(
              new ModuleSource() {
                @Override
                public List<Release> list() {
                  return listed.list();
                }

                @Override
                public Artifact fetch(ReleaseId id) {
                  throw failure;
                }

                @Override
                public String location() {
                  return "memory";
                }

                @Override
                public Origin origin() {
                  return Origin.USER;
                }
              })) {
        for (int i = 0; i < 2; i++) {
          assertThat(failing.resolve(new HandlerRef("h", null))).isInstanceOf(Refused.class);
        }
      }
    }
  }

  @Test
  void aBrokenNewVersionLeavesTheOldOneInService() {
    source.with("h", "1.0.0", "one").with("h", "1.1.0", "nonsense");

    assertThat(version("h")).isEqualTo("1.0.0");
    assertThat(resolve("h@1.1.0")).isInstanceOf(Refused.class);
  }

  @Test
  void aDigestIsCompiledOnceForAllVersionsAndCallers() {
    source.with("h", "1.0.0", "one").with("h", "1.0.1", "one").with("bad", "1.0.0", "nonsense");

    resolve("h@1.0.0");
    resolve("h@1.0.1");
    resolve("h");
    resolve("bad");
    resolve("bad@1");
    registry.refresh();

    assertThat(engine.compiled()).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void concurrentCallersShareOneCompilation() throws Exception {
    source.with("h", "1.0.0", "one");
    var compiling = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    engine.beforeCompile(
        _ -> {
          compiling.countDown();
          await(goOn);
        });
    Callable<Resolution> ask = () -> resolve("h");
    try (var threads = Executors.newFixedThreadPool(4)) {
      var answers = Stream.generate(() -> threads.submit(ask)).limit(4).toList();
      await(compiling);
      goOn.countDown();
      for (var answer : answers) {
        assertThat(answer.get(10, TimeUnit.MINUTES)).isInstanceOf(Resolved.class);
      }
    }
    assertThat(engine.compiled()).hasSize(1);
  }

  @Test
  void aModuleThatTakesLongToCompileKeepsNoOtherFromLoading() {
    source.with("slow", "1.0.0", "one").with("h", "1.0.0", "two");
    compileOnlyWhenInterrupted("one");

    registry.start();

    Await.until("loaded", () -> registry.cached(HandlerRef.parse("h")) != null);
    assertThat(registry.cached(HandlerRef.parse("slow"))).isNull();
  }

  @Test
  void aNewVersionThatIsStillBeingCompiledLeavesTheOldOneInService() {
    source.with("h", "1.0.0", "one");
    assertThat(version("h")).isEqualTo("1.0.0");
    var compiled = new CountDownLatch(1);
    engine.beforeCompile(
        module -> {
          if (module.equals("two")) {
            await(compiled);
          }
        });
    source.with("h", "2.0.0", "two").with("other", "1.0.0", "three");
    // A step of an unknown handler makes the registry list its sources, but not too often.
    while (resolve("other") instanceof Unknown) {
      Thread.onSpinWait();
    }

    assertThat(version("h")).isEqualTo("1.0.0");
    assertThat(registry.current(HandlerRef.parse("h"))).isInstanceOf(Resolved.class);
    assertThat(registry.cached(HandlerRef.parse("h@2"))).isNull();

    compiled.countDown();
    registry.refresh();
    assertThat(version("h")).isEqualTo("2.0.0");
  }

  @Test
  void closingEndsACompilationAndReportsNoProblemOfItsModule() throws Exception {
    source.with("slow", "1.0.0", "one");
    var compiling = compileOnlyWhenInterrupted("one");
    try (var threads = Executors.newSingleThreadExecutor()) {
      var resolution = threads.submit(() -> resolve("slow"));
      await(compiling);

      registry.close();

      assertThatThrownBy(resolution::get).cause().isInstanceOf(EngineUnavailableException.class);
    }
    assertThat(events.refused).isEmpty();
  }

  @Test
  void aFailureOfTheEngineIsNoRefusalOfTheModuleAndIsTriedAgain() {
    source.with("h", "1.0.0", "one");
    engine.beforeCompile(
        _ -> {
          throw new EngineUnavailableException("no process can be started", null);
        });

    assertThatThrownBy(() -> resolve("h")).hasMessageContaining("no process can be started");
    assertThat(registry.cached(HandlerRef.parse("h"))).isNull();

    engine.beforeCompile(_ -> {});
    registry.refresh();
    assertThat(version("h")).isEqualTo("1.0.0");
  }

  @Test
  void aCompilationBeyondItsLimitsIsAnEventAndItsModuleIsRefusedForEveryStep() {
    source.with("large", "1.0.0", "one");
    engine.beforeCompile(
        _ -> {
          throw new ModuleRefusedException(Reason.COMPILE_MEMORY, "it takes too much memory");
        });

    assertThat(resolve("large")).isEqualTo(resolve("large"));
    registry.refresh();

    assertThat(resolve("large"))
        .isEqualTo(new Refused("large@1.0.0 cannot be used: it takes too much memory"));
    assertThat(events.compilations)
        .containsExactly(new ModuleEvent.CompilationFailed(CompilationFailure.MEMORY));
  }

  /** The latch is opened when the compilation begins. */
  private CountDownLatch compileOnlyWhenInterrupted(String text) {
    var compiling = new CountDownLatch(1);
    engine.beforeCompile(
        module -> {
          if (module.equals(text)) {
            compiling.countDown();
            await(new CountDownLatch(1));
          }
        });
    return compiling;
  }

  @Test
  void theLowerOfTheOperatorsAndTheManifestsLimitsApplies() {
    source
        .with("small", "1.0.0", "one", ",\"resources\":{\"memory_bytes\":65536,\"timeout_ms\":5}")
        .with(
            "large",
            "1.0.0",
            "two",
            ",\"resources\":{\"memory_bytes\":4294967296,\"timeout_ms\":3600000}");

    assertThat(((Resolved) resolve("small")).grants().limits())
        .isEqualTo(Limits.DEFAULTS.withMemoryBytes(65_536).withTime(Duration.ofMillis(5)));
    assertThat(((Resolved) resolve("large")).grants().limits()).isEqualTo(Limits.DEFAULTS);
  }

  @Test
  void onlyRequestedCapabilitiesAreGranted() {
    source.with(
        "h",
        "1.0.0",
        "one",
        ",\"capabilities\":{\"host_functions\":[\"log\",\"http_request\"],"
            + "\"http\":[\"https://a.example\",\"https://b.example\"]}");
    registry.apply(
        policy("handlers: [{handler: h, http: [https://a.example, https://c.example]}]"));

    var grants = ((Resolved) resolve("h")).grants();

    assertThat(grants.functions()).containsExactlyInAnyOrder("log", "http_request");
    assertThat(grants.of(Capabilities.HTTP).effective())
        .extracting(grant -> grant.destination().toString())
        .containsExactly("GET,HEAD https://a.example/");
  }

  @Test
  void anAppliedPolicyTakesEffectForTheNextStepWithoutRecompiling() {
    source.with("h", "1.0.0", "one");
    var before = (Resolved) resolve("h");

    registry.apply(policy("handlers: [{handler: h, new-work: 7, limits: {time: 1s}}]"));
    var after = (Resolved) resolve("h");

    assertThat(before.grants().newWork()).isEqualTo(100);
    assertThat(after.grants().newWork()).isEqualTo(7);
    assertThat(after.grants().limits()).isEqualTo(Limits.DEFAULTS.withTime(Duration.ofSeconds(1)));
    assertThat(after.module()).isSameAs(before.module());
    assertThat(engine.compiled()).hasSize(1);
  }

  @Test
  void aPolicyThatGrantsMoreMemoryRecompilesTheModuleFirst() {
    engine.compileForLimits();
    source.with("h", "1.0.0", "one").with("other", "1.0.0", "two");
    resolve("h");
    resolve("other");

    registry.apply(policy("handlers: [{handler: h, class: image}]"));
    assertThat(engine.compiled()).hasSize(3);
    var resolved = (Resolved) resolve("h");

    assertThat(resolved.grants().limits().memoryBytes()).isEqualTo(128 << 20);
    assertThat(engine.compiled()).hasSize(3);
  }

  @Test
  void aPolicyThatGrantsMoreMemoryCompilesNothingIfTheCodeDoesNotDependOnIt() {
    source.with("h", "1.0.0", "one");
    var before = (Resolved) resolve("h");

    registry.apply(policy("handlers: [{handler: h, class: image}]"));
    var after = (Resolved) resolve("h");

    assertThat(after.grants().limits().memoryBytes()).isEqualTo(128 << 20);
    assertThat(after.module()).isSameAs(before.module());
    assertThat(engine.compiled()).hasSize(1);
  }

  @Test
  void aModuleThatStartsWithMoreThanAPolicyGrantsIsRefusedUntilOneGrantsMore() {
    engine.startWith(1 << 20);
    source.with("h", "1.0.0", "one");
    assertThat(resolve("h")).isInstanceOf(Resolved.class);

    registry.apply(
        policy("{classes: {text: {memory: 64KiB}}, handlers: [{handler: h, class: text}]}"));
    assertThat(((Refused) resolve("h")).message()).contains("its memory starts with too much");

    registry.apply(
        policy("{classes: {text: {memory: 1MiB}}, handlers: [{handler: h, class: text}]}"));
    assertThat(resolve("h")).isInstanceOf(Resolved.class);
  }

  @Test
  void aPolicyWithALimitThatTheEngineCannotEnforceRefusesWhatItIsOf() {
    source.with("h", "1.0.0", "one").with("other", "1.0.0", "two");
    resolve("h");
    var other = resolve("other");

    registry.apply(policy("handlers: [{handler: h, limits: {fuel: 1000}}]"));

    assertThat(((Refused) resolve("h")).message()).contains("limits.fuel");
    assertThat(((Resolved) resolve("other")).module()).isSameAs(((Resolved) other).module());
  }

  @Test
  void aRefusedModuleIsRetriedUnderANewPolicy() {
    source.with("h", "1.0.0", "nonsense");
    assertThat(resolve("h")).isInstanceOf(Refused.class);
    source.with("h", "1.0.0", "one");

    registry.apply(policy("handlers: [{handler: h, class: image}]"));

    assertThat(version("h")).isEqualTo("1.0.0");
  }

  private static Policy policy(String text) {
    return switch (Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  @Test
  void aModuleAddedLaterIsFoundByTheStepThatNeedsIt() {
    source.with("h", "1.0.0", "one");
    registry.refresh();
    source.with("late", "1.0.0", "two");
    registry.refresh();

    assertThat(version("late")).isEqualTo("1.0.0");
  }

  @Test
  void aNewVersionServesAfterTheNextRescan() {
    source.with("h", "1.0.0", "one");
    assertThat(version("h")).isEqualTo("1.0.0");

    source.with("h", "1.1.0", "two");
    assertThat(version("h")).isEqualTo("1.0.0");
    registry.refresh();
    assertThat(version("h")).isEqualTo("1.1.0");
  }

  @Test
  void aRepairedModuleIsLoadedAndARepeatedRefusalIsReportedOnce() {
    source.with("h", "1.0.0", "nonsense");
    assertThat(resolve("h")).isInstanceOf(Refused.class);
    registry.refresh();
    registry.refresh();
    assertThat(events.refused).hasSize(1);

    source.with("h", "1.0.0", "one");
    registry.refresh();
    assertThat(version("h")).isEqualTo("1.0.0");
  }

  @Test
  void aRemovedModuleServesNoNewSteps() {
    source.with("h", "1.0.0", "one").with("h", "1.1.0", "two");
    assertThat(version("h")).isEqualTo("1.1.0");

    source.without("h", "1.1.0");
    registry.refresh();
    assertThat(version("h")).isEqualTo("1.0.0");
  }

  @Test
  void aSourceThatCannotBeListedKeepsItsModules() {
    source.with("h", "1.0.0", "one");
    assertThat(version("h")).isEqualTo("1.0.0");

    source.breakWith("the disk is gone");
    registry.refresh();
    assertThat(version("h")).isEqualTo("1.0.0");
    assertThat(resolve("other")).isInstanceOf(Unknown.class);
  }

  /** Repeated, because the sources are listed at the same time. */
  @RepeatedTest(50)
  void theFirstSourceWithAVersionWins() {
    var operators = new FakeModules("the operator's").with("h", "1.0.0", "two");
    source.with("h", "1.0.0", "one").with("h", "0.9.0", "three");
    try (var both = registry(operators, source)) {
      var resolved = (Resolved) both.resolve(HandlerRef.parse("h"));
      assertThat(resolved.module().digest())
          .isEqualTo(operators.fetch(operators.list().getFirst().id()).wasm().digest());
      assertThat(both.describe())
          .extracting(ReleaseStatus::location)
          .containsExactly("the operator's", "memory");
    }
  }

  @Test
  void aFileThatIsReplacedUnderItsVersionIsToldOfAndNotUsed(@TempDir Path directory)
      throws Exception {
    publish(directory, "one");
    try (var own = registry(new DirectoryModules(directory, 1000))) {
      var first = ((Resolved) own.resolve(HandlerRef.parse("h"))).module().digest();

      publish(directory, "another module");
      own.refresh();

      Await.until("the change to be told", () -> own.describe().getFirst().change() != null);
      assertThat(own.describe().getFirst().change())
          .contains("changed in its source", first.toString(), "another version");
      assertThat(events.changed).containsExactly("h");
      assertThat(((Resolved) own.resolve(HandlerRef.parse("h"))).module().digest())
          .isEqualTo(first);
    }
  }

  @Test
  void aFileThatIsWrittenAgainWithTheSameContentIsNoChange(@TempDir Path directory)
      throws Exception {
    publish(directory, "one");
    var files = new DirectoryModules(directory, 1000);
    try (var own = registry(files)) {
      var id = ((Resolved) own.resolve(HandlerRef.parse("h"))).id();
      var before = files.fingerprint(new ReleaseId("h", Version.parse(id.version())));

      Files.delete(directory.resolve("h/1.0.0/module.wasm"));
      publish(directory, "one");
      Files.setLastModifiedTime(
          directory.resolve("h/1.0.0/module.wasm"), FileTime.fromMillis(1_000_000));
      assertThat(files.fingerprint(new ReleaseId("h", Version.parse(id.version()))))
          .isNotEqualTo(before);
      own.refresh();
      own.refresh();

      assertThat(own.describe().getFirst().change()).isNull();
      assertThat(events.changed).isEmpty();
    }
  }

  private static void publish(Path directory, String module) throws IOException {
    var version = Files.createDirectories(directory.resolve("h/1.0.0"));
    Files.writeString(version.resolve("module.wasm"), module);
    Files.writeString(
        version.resolve("manifest.json"), "{\"name\":\"h\",\"version\":\"1.0.0\",\"abi\":\"1\"}");
  }

  @Test
  void aModuleAddedRightAfterAListingIsFoundByTheFirstStepThatNeedsIt() {
    assertThat(resolve("h")).isInstanceOf(Unknown.class);
    source.with("h", "1.0.0", "one");

    assertThat(version("h")).isEqualTo("1.0.0");
  }

  @Test
  void stepsThatNameWhatNoSourceHasShareListingsOfWhichFourBeginInASecond() {
    long began = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1000; i++) {
        var handler = "h" + i;
        var _ = threads.submit(() -> resolve(handler));
      }
    }
    var taken = Duration.ofNanos(System.nanoTime() - began);

    var apart = Duration.ofMillis(250);
    assertThat(apart.multipliedBy(source.listings() - 1)).isLessThanOrEqualTo(taken);
  }

  @Test
  void aSlowSourceDelaysNoStepOfAKnownModule() throws Exception {
    source.with("h", "1.0.0", "one").with("other", "1.0.0", "two");
    var slow = new SlowModules(source);
    try (var slowRegistry = registry(slow);
        var threads = Executors.newFixedThreadPool(2)) {
      assertThat(slowRegistry.resolve(HandlerRef.parse("h"))).isInstanceOf(Resolved.class);
      slow.blockNextListing();
      var refresh = threads.submit(slowRegistry::refresh);
      await(slow.listing);

      var known =
          threads.submit(
              () -> {
                var cached = slowRegistry.resolve(HandlerRef.parse("h"));
                slowRegistry.apply(policy("handlers: [{handler: h, new-work: 7}]"));
                return List.of(cached, slowRegistry.resolve(HandlerRef.parse("other@1")));
              });
      assertThat(known.get(10, TimeUnit.MINUTES)).hasOnlyElementsOfType(Resolved.class);
      assertThat(refresh).isNotDone();

      slow.proceed.countDown();
      refresh.get(10, TimeUnit.MINUTES);
    }
  }

  @Test
  void aSlowSourceDoesNotHoldUpAnother() throws Exception {
    var slow = new SlowModules(new FakeModules("slow").with("s", "1.0.0", "one"));
    try (var both = registry(slow, source);
        var threads = Executors.newFixedThreadPool(1)) {
      slow.blockNextListing();
      source.with("h", "1.0.0", "two");

      assertThat(both.resolve(HandlerRef.parse("h"))).isInstanceOf(Resolved.class);
      await(slow.listing);

      var late = threads.submit(() -> both.resolve(HandlerRef.parse("s")));
      slow.proceed.countDown();
      assertThat(late.get(10, TimeUnit.MINUTES)).isInstanceOf(Resolved.class);
    }
  }

  @Test
  void aDigestGetsExactlyThoseBytesWhateverIsNewer() {
    source.with("h", "1.0.0", "one").with("h", "1.1.0", "two").with("other", "1.0.0", "three");

    assertThat(version("h@sha256:" + digest("one"))).isEqualTo("1.0.0");
    assertThat(version("h")).isEqualTo("1.1.0");
    assertThat(resolve("h@sha256:" + digest("three"))).isInstanceOf(Unknown.class);
  }

  @Test
  void aPreReleaseServesOnlyWhoAsksForIt() {
    source.with("h", "1.0.0", "one").with("h", "1.1.0-rc.1", "two");

    assertThat(version("h")).isEqualTo("1.0.0");
    assertThat(version("h@^1")).isEqualTo("1.0.0");
    assertThat(version("h@1.1.0-rc.1")).isEqualTo("1.1.0-rc.1");
    assertThat(version("h@sha256:" + digest("two"))).isEqualTo("1.1.0-rc.1");
  }

  @Test
  void aStepKeepsTheModuleThatItBeganWithThoughItsVersionIsGone() {
    source.with("h", "1.0.0", "one");
    var begun = ((Resolved) resolve("h")).id();
    var step = new Pinned(ModulePin.of(begun, false));
    source.with("h", "1.1.0", "two").without("h", "1.0.0");
    registry.refresh();

    var routed = registry.route(HandlerRef.parse("h"), step);

    assertThat(((Resolved) registry.resolve(routed)).id()).isEqualTo(begun);
    assertThat(version("h")).isEqualTo("1.1.0");
  }

  @Test
  void aModuleThatIsNowhereAnyMoreDoesNotKeepAStep() {
    source.with("h", "1.1.0", "two");
    var step =
        new Pinned(ModulePin.of(new ModuleId("h", "1.0.0", new Digest(digest("one"))), false));
    var reference = HandlerRef.parse("h");

    assertThat(registry.resolve(registry.route(reference, step))).isInstanceOf(Unknown.class);

    assertThat(registry.route(reference, step)).isEqualTo(reference);
  }

  @Test
  void aModuleThatNoReleaseHasAnyMoreRunsAsLongAsASourceHasIt() {
    var before = new FakeModules("memory, as it was").with("h", "1.0.0", "one");
    var remembering = new Remembering(source, before, new Digest(digest("one")));
    source.with("h", "1.1.0", "two");
    var exact = HandlerRef.parse("h@sha256:" + digest("one"));
    try (var own = registry(remembering)) {
      assertThat(own.resolve(HandlerRef.parse("h"))).isInstanceOf(Resolved.class);
      var found = (Resolved) own.resolve(exact);

      assertThat(found.id().version()).isEqualTo("1.0.0");
      assertThat(own.cached(exact)).isEqualTo(found);
      assertThat(own.describe())
          .extracting(ReleaseStatus::version)
          .containsExactly(Version.parse("1.1.0"));
      assertThat(own.resolve(HandlerRef.parse("other@sha256:" + digest("one"))))
          .isInstanceOf(Unknown.class);
      before.without("h", "1.0.0");
      before.with("h", "1.0.0", "nonsense");
    }
    try (var own = registry(remembering)) {
      assertThat(own.resolve(exact)).isInstanceOf(Refused.class);
    }
  }

  /** Has one module of before. */
  private record Remembering(FakeModules now, FakeModules before, Digest module)
      implements ModuleSource {
    @Override
    public String location() {
      return now.location();
    }

    @Override
    public Origin origin() {
      return now.origin();
    }

    @Override
    public List<Release> list() {
      return now.list();
    }

    @Override
    public Artifact fetch(ReleaseId id) {
      return now.fetch(id);
    }

    @Override
    public Optional<ModuleSource> former(String handler, Digest wanted) {
      return handler.equals("h") && wanted.equals(module) ? Optional.of(before) : Optional.empty();
    }
  }

  @Test
  void aModuleThatNoReleaseNamesIsFreed() {
    source.with("h", "1.0.0", "one");
    try (var forgetful =
        new ModuleRegistry(
            engine,
            Policy.none(Limits.DEFAULTS),
            new ModuleRegistry.Parts(
                List.of(source),
                TrustCheck.NONE,
                RolloutRules.NONE,
                Duration.ofHours(1),
                Duration.ZERO,
                0),
            events)) {
      var _ = forgetful.resolve(HandlerRef.parse("h"));
      source.with("h", "1.1.0", "two").without("h", "1.0.0");

      forgetful.refresh();

      assertThat(engine.closed()).containsExactly(new Digest(digest("one")));
    }
  }

  @Test
  void aDeadSourceMakesAnUnknownHandlerOneThatMayAppear() {
    source.breakWith("the disk is gone");

    assertThat(resolve("h"))
        .isEqualTo(
            new Unknown(
                "no handler is named 'h'; available: none; memory: the disk is gone", true));
    assertThat(registry.sourceProblems()).hasSize(1);
  }

  private static String digest(String text) {
    return Digest.of(text.getBytes(UTF_8)).hex();
  }

  private record Pinned(ModulePin pin) implements RoutingFacts {
    @Override
    public StepId id() {
      return RoutingFacts.NONE.id();
    }

    @Override
    public StepOrigin origin() {
      return StepOrigin.NONE;
    }
  }

  @Test
  void startCompilesEverythingInTheBackground() {
    source.with("a", "1.0.0", "one").with("b", "1.0.0", "two").with("c", "1.0.0", "nonsense");

    registry.start();

    Await.until(
        "loaded",
        () ->
            registry.describe().stream()
                .map(ReleaseStatus::state)
                .toList()
                .equals(
                    List.of(
                        ReleaseStatus.State.READY,
                        ReleaseStatus.State.READY,
                        ReleaseStatus.State.REFUSED)));
  }

  @Test
  void whatIsLoadedInTheBackgroundGivesWayToTheModuleOfAStep() throws Exception {
    source
        .with("slow", "1.0.0", "one")
        .with("asked", "1.0.0", "two")
        .with("other", "1.0.0", "three");
    var compiling = new CountDownLatch(1);
    var proceed = new CountDownLatch(1);
    engine.beforeCompile(
        module -> {
          if (module.equals("one")) {
            compiling.countDown();
            await(proceed);
          }
        });
    try (var threads = Executors.newSingleThreadExecutor()) {
      var slow = threads.submit(() -> resolve("slow"));
      await(compiling);
      registry.start();

      assertThat(resolve("asked")).as("another step's").isInstanceOf(Resolved.class);
      assertThat(registry.cached(HandlerRef.parse("other"))).as("nobody's").isNull();

      proceed.countDown();
      assertThat(slow.get()).isInstanceOf(Resolved.class);
    }
    Await.until("loaded", () -> registry.cached(HandlerRef.parse("other")) != null);
  }

  @Test
  void closingReleasesEveryModuleOnce() {
    source.with("a", "1.0.0", "one").with("b", "1.0.0", "two");
    resolve("a");
    resolve("b");

    registry.close();
    registry.close();

    assertThat(engine.closed()).hasSize(2).doesNotHaveDuplicates();
  }

  private Resolution resolve(String ref) {
    return registry.resolve(HandlerRef.parse(ref));
  }

  private String version(String ref) {
    return ((Resolved) resolve(ref)).id().version();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  /** Modules of which one listing takes as long as the test likes, and then is out of date. */
  private static final class SlowModules implements ModuleSource {
    final CountDownLatch listing = new CountDownLatch(1);
    final CountDownLatch proceed = new CountDownLatch(1);
    private final ModuleSource modules;
    private final AtomicBoolean blockNext = new AtomicBoolean();

    SlowModules(ModuleSource modules) {
      this.modules = modules;
    }

    void blockNextListing() {
      blockNext.set(true);
    }

    @Override
    public String location() {
      return modules.location();
    }

    /** Only such a source may be slow: those on this machine are listed before any is used. */
    @Override
    public boolean isRemote() {
      return true;
    }

    @Override
    public List<Release> list() {
      var entries = modules.list();
      if (blockNext.compareAndSet(true, false)) {
        listing.countDown();
        await(proceed);
      }
      return entries;
    }

    @Override
    public Origin origin() {
      return modules.origin();
    }

    @Override
    public Artifact fetch(ReleaseId id) {
      return modules.fetch(id);
    }
  }

  private static final class RecordedEvents implements EventSink {
    final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> changed = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<ModuleEvent> compilations = new ConcurrentLinkedQueue<>();

    @Override
    public void on(BrokerEvent event) {
      if (event instanceof ModuleEvent.Refused(String handler, _, String reason)) {
        refused.add(handler + ": " + reason);
      } else if (event instanceof ModuleEvent.ContentChanged(String handler)) {
        changed.add(handler);
      } else if (event instanceof ModuleEvent.Compiled
          || event instanceof ModuleEvent.CompilationFailed) {
        compilations.add((ModuleEvent) event);
      }
    }
  }
}
