package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompileLimits;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.ExpensiveModules;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;

/** Compilation in a process of its own. */
@Timeout(600)
final class CompilationTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** Compiles for longer than any test runs. */
  private static final WasmBinary ENDLESS = ExpensiveModules.nestedLoops(100_000);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"wide, false", "narrow, false", "on demand, false", "wide, true"})
  void codeOfTheOtherProcessRunsInEveryMemoryLayoutAndWithFuel(String layout, boolean fuel) {
    var config = EngineConfig.of(1).withCompile(CompileLimits.DEFAULTS).withFuel(fuel);
    long free =
        switch (layout) {
          case "wide" -> 1L << 46;
          case "narrow" -> 4L << 30;
          default -> 0;
        };
    try (var engine =
            WasmtimeEngine.start(
                config, MemoryPlan.of(config, free), Capabilities.STANDARD.functions());
        var module = engine.compile(Guests.guest("echo"), Limits.DEFAULTS)) {
      assertThat(module.compilation()).isPositive();
      assertThat(echoed(module)).isEqualTo("{}");
    }
  }

  @Test
  void aModuleInTheCacheNeedsNoProcess() {
    var cached = cached(EngineConfig.of(1).withCompile(CompileLimits.DEFAULTS));
    try (var engine = start(cached);
        var module = engine.compile(Guests.guest("echo"), Limits.DEFAULTS)) {
      assertThat(module.compilation()).isNotNull();
    }
    try (var engine = start(cached)) {
      var before = children();
      try (var module = engine.compile(Guests.guest("echo"), Limits.DEFAULTS)) {
        assertThat(module.compilation()).isNull();
        assertThat(echoed(module)).isEqualTo("{}");
        assertThat(before).as("of these, some may have ended").containsAll(children());
      }
    }
  }

  @Test
  void whatTheEngineRefusesIsRefusedWithItsReason() {
    try (var engine = start(limits(LONG, 512, 1))) {
      var invalid =
          Wat.toWasm(
              "(module (memory (export \"memory\") 1) (func (export \"run\") i32.add drop))");

      assertThatThrownBy(() -> engine.compile(invalid, Limits.DEFAULTS))
          .isInstanceOfSatisfying(
              ModuleRefusedException.class,
              refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID))
          .hasMessageContaining("type mismatch");
    }
  }

  static Stream<WasmBinary> modulesThatCompileForLong() {
    return Stream.of(ENDLESS, ExpensiveModules.nestedLoops(20_000));
  }

  @ParameterizedTest
  @MethodSource("modulesThatCompileForLong")
  void aCompilationThatTakesTooLongIsEndedAndNotRepeated(WasmBinary module) {
    try (var engine = start(limits(Duration.ofMillis(200), 1024, 1))) {
      var refused = refused(engine, module);

      assertThat(refused.reason()).isEqualTo(Reason.COMPILE_TIME);
      assertThat(refused)
          .hasMessageContaining("more than engine.compile-time allows, 200 ms")
          .hasMessageContaining("raise engine.compile-time");
      var before = children();
      assertThat(refused(engine, module)).hasMessage(refused.getMessage());
      assertThat(before).as("of these, some may have ended").containsAll(children());
    }
  }

  static Stream<WasmBinary> modulesThatNeedMuchMemory() {
    return Stream.of(
        ExpensiveModules.giantFunction(1_000_000),
        ExpensiveModules.jumpTables(100, 20_000),
        ExpensiveModules.manyFunctions(500_000));
  }

  @ParameterizedTest
  @MethodSource("modulesThatNeedMuchMemory")
  void aCompilationThatNeedsTooMuchMemoryIsEndedAndNotRepeated(WasmBinary module) {
    try (var engine = start(limits(LONG, 96, 1))) {
      var refused = refused(engine, module);

      assertThat(refused.reason()).isEqualTo(Reason.COMPILE_MEMORY);
      assertThat(refused)
          .hasMessageContaining("more than engine.compile-memory allows, 96 MiB")
          .hasMessageContaining("raise engine.compile-memory");
      assertThat(refused(engine, module)).hasMessage(refused.getMessage());
      try (var other = engine.compile(Guests.guest("echo"), Limits.DEFAULTS)) {
        assertThat(echoed(other)).isEqualTo("{}");
      }
    }
  }

  @Test
  void otherModulesAreCompiledAndRunBesideAnEndlessCompilation() throws Exception {
    try (var engine = start(limits(LONG, 1024, 2));
        var threads = Executors.newSingleThreadExecutor()) {
      var endless = threads.submit(() -> engine.compile(ENDLESS, Limits.DEFAULTS));
      for (var name : List.of("echo", "command")) {
        try (var module = engine.compile(Guests.guest(name), Limits.DEFAULTS)) {
          assertThat(echoed(module)).isEqualTo("{}");
        }
      }
      assertThat(endless).isNotDone();
      endless.cancel(true);
    }
  }

  @Test
  void noMoreCompilationsThanAllowedRunAtOnce() throws Exception {
    try (var engine = start(limits(LONG, 1024, 1));
        var threads = Executors.newSingleThreadExecutor()) {
      var before = children();
      var endless = threads.submit(() -> engine.compile(ENDLESS, Limits.DEFAULTS));
      var child = awaitChild(before);
      var other =
          new FutureTask<>(() -> engine.compile(Guests.guest("echo"), Limits.DEFAULTS).digest());
      var waiting = Thread.ofPlatform().start(other);
      Await.until("the other waits", () -> waiting.getState() == Thread.State.WAITING);
      assertThat(children().stream().filter(pid -> isCompiler(pid) && !before.contains(pid)))
          .containsExactly(child.pid());

      endless.cancel(true);
      assertThat(other.get()).isNotNull();
    }
  }

  @Test
  void closingTheEngineEndsACompilation() throws Exception {
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<?> endless;
      try (var engine = start(limits(LONG, 1024, 1))) {
        var before = children();
        endless = threads.submit(() -> engine.compile(ENDLESS, Limits.DEFAULTS));
        awaitChild(before);
      }
      assertThatThrownBy(endless::get).cause().hasMessageContaining("closed");
    }
  }

  @Test
  void aModuleWhoseProcessWasKilledIsTriedOnceMore() throws Exception {
    try (var engine = start(limits(LONG, 1024, 1));
        var threads = Executors.newSingleThreadExecutor()) {
      var first = killed(engine, threads);
      assertThatThrownBy(first::get)
          .cause()
          .isInstanceOf(EngineUnavailableException.class)
          .hasMessageContaining("was killed");

      var second = killed(engine, threads);
      assertThatThrownBy(second::get)
          .cause()
          .isInstanceOfSatisfying(
              ModuleRefusedException.class,
              refused -> assertThat(refused.reason()).isEqualTo(Reason.COMPILE_CRASH));
    }
  }

  private Future<?> killed(WasmtimeEngine engine, ExecutorService threads) throws Exception {
    var before = children();
    var compilation = threads.submit(() -> engine.compile(ENDLESS, Limits.DEFAULTS));
    var child = awaitChild(before);
    awaitWork(child);
    child.destroyForcibly();
    return compilation;
  }

  @Test
  void anInterruptEndsACompilationAndItsProcess() throws Exception {
    try (var engine = start(limits(LONG, 1024, 1));
        var threads = Executors.newSingleThreadExecutor()) {
      var before = children();
      var endless = threads.submit(() -> engine.compile(ENDLESS, Limits.DEFAULTS));
      var child = awaitChild(before);
      threads.shutdownNow();

      assertThatThrownBy(endless::get).cause().hasMessageContaining("interrupted");
      child.onExit().get();
    }
  }

  @Test
  void theProcessCanWriteNoFilesAndGainNoPrivileges() throws Exception {
    try (var engine = start(limits(LONG, 1024, 1));
        var threads = Executors.newSingleThreadExecutor()) {
      var before = children();
      var endless = threads.submit(() -> engine.compile(ENDLESS, Limits.DEFAULTS));
      var child = awaitChild(before);
      awaitWork(child);

      assertThat(limitsOf(child))
          .anySatisfy(line -> assertThat(line).matches("Max file size +0 +0 +bytes *"))
          .anySatisfy(line -> assertThat(line).matches("Max core file size +0 +0 +bytes *"));
      try (var all = Files.list(Path.of("/proc/" + child.pid() + "/task"))) {
        assertThat(all)
            .anySatisfy(thread -> assertThat(statusOf(thread)).contains("NoNewPrivs:\t1"));
      }
      endless.cancel(true);
    }
  }

  /** Waits until the process compiles: its address space is limited when it has a module. */
  private static void awaitWork(ProcessHandle child) throws IOException {
    Await.until(
        "a limited address space",
        () ->
            limitsOf(child).stream()
                .anyMatch(line -> line.matches("Max address space +[0-9]+ .*")));
  }

  private static List<String> limitsOf(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/limits"));
  }

  private static List<String> statusOf(Path thread) {
    try {
      return Files.readAllLines(thread.resolve("status"));
    } catch (IOException ended) { // as threads of a JVM may at any time
      return List.of();
    }
  }

  @Test
  void aProcessEndsWhenTheBrokerDoes() throws Exception {
    var settings =
        EngineSettings.of(EngineConfig.of(1), new MemoryPlan(false, 4L << 30, 32L << 20));
    var library = NativeLibrary.load(null, NativeLibrary.userCacheDirectory()).file();
    var command =
        CompilerProcess.command(
            CompilerMain.class, CompilerMain.arguments(library, settings, 1L << 30));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    assertThat(process.getInputStream().read()).isEqualTo(CompilerMain.READY);
    var request = new DataOutputStream(process.getOutputStream());
    request.writeInt(ENDLESS.size());
    request.write(ENDLESS.bytes());
    request.close();

    assertThat(process.waitFor()).isZero();
  }

  private WasmtimeEngine start(CompileLimits limits) {
    return start(EngineConfig.of(1).withCompile(limits));
  }

  private static WasmtimeEngine start(EngineConfig config) {
    return WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
  }

  private EngineConfig cached(EngineConfig of) {
    return new EngineConfig(
            of.slots(),
            of.memoryBytes(),
            of.stackBytes(),
            of.tick(),
            of.moduleBytes(),
            directory.resolve("compiled"),
            null)
        .withCompile(of.compile());
  }

  private static CompileLimits limits(Duration time, int memoryMib, int concurrency) {
    return new CompileLimits(time, (long) memoryMib << 20, concurrency);
  }

  private static ModuleRefusedException refused(WasmtimeEngine engine, WasmBinary module) {
    return catchThrowableOfType(
        ModuleRefusedException.class, () -> engine.compile(module, Limits.DEFAULTS));
  }

  private static String echoed(CompiledModule module) {
    var result =
        module.run(
            Invocations.basic(
                Document.of("{}"), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
    return ((Completed) result).output().text();
  }

  private static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }

  /** The child that was not there before. */
  private static ProcessHandle awaitChild(List<Long> before) throws IOException {
    return Await.value(
        "a compiler",
        () ->
            ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child.pid()))
                .filter(child -> isCompiler(child.pid()))
                .findFirst());
  }

  private static boolean isCompiler(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"))
          .contains(CompilerMain.class.getName());
    } catch (IOException gone) {
      return false;
    }
  }
}
