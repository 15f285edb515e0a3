package org.wasmbroker.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Invocations;

/**
 * Runs modules on both engines: first the corpus unchanged, then mutated. Each module is written to
 * {@value #CULPRIT} first, so that a crash or hang of the process can be traced to it. Modules on
 * which the engines disagree are kept with both results.
 */
final class ModuleFuzzer {
  static final String CULPRIT = "culprit.wasm";

  private static final int MAX_FINDINGS = 10;
  private static final Limits LIMITS =
      Limits.DEFAULTS
          .withMemoryBytes(4 << 20)
          .withHostCalls(5_000)
          .withTime(Duration.ofMillis(200));
  private static final Document INPUT =
      Document.of("{\"step\":{\"name\":\"fuzz\"},\"context\":{\"numbers\":[1,2,3]}}");

  private final Engine one =
      WasmtimeEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
  private final Engine other =
      WasmtimeJavaEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
  private final Path folder;
  private int modules;
  private int refused;
  private int compared;
  private int findings;

  private ModuleFuzzer(Path folder) {
    this.folder = folder;
  }

  /**
   * Exits with 0 if nothing was found.
   *
   * @param arguments the working folder, the random seed, the number of modules, the maximum number
   *     of seconds, and the folders of the corpus
   */
  public static void main(String[] arguments) throws IOException {
    var fuzzer = new ModuleFuzzer(Path.of(arguments[0]));
    var corpus = new ArrayList<byte[]>();
    for (int i = 4; i < arguments.length; i++) {
      corpus.addAll(ModuleCorpus.in(Path.of(arguments[i])));
    }
    fuzzer.run(
        corpus,
        new Random(Long.parseLong(arguments[1])),
        Integer.parseInt(arguments[2]),
        System.nanoTime() + Duration.ofSeconds(Long.parseLong(arguments[3])).toNanos());
    System.out.printf(
        "%d modules, %d refused, %d compared, %d findings%n",
        fuzzer.modules, fuzzer.refused, fuzzer.compared, fuzzer.findings);
    System.exit(fuzzer.findings == 0 ? 0 : 1);
  }

  private void run(List<byte[]> corpus, Random random, int count, long end) throws IOException {
    var mutation = new ModuleMutator(random, corpus);
    while (modules < count && System.nanoTime() < end && findings < MAX_FINDINGS) {
      var module =
          modules < corpus.size()
              ? corpus.get(modules)
              : mutation.mutate(corpus.get(random.nextInt(corpus.size())));
      modules++;
      Files.write(folder.resolve(CULPRIT), module);
      compare(module);
    }
    Files.deleteIfExists(folder.resolve(CULPRIT));
  }

  private void compare(byte[] bytes) throws IOException {
    var first = resultOf(one, bytes);
    var second = resultOf(other, bytes);
    if (first instanceof EngineResult.Refused) {
      refused++;
    }
    if (first instanceof EngineResult.NotComparable
        || second instanceof EngineResult.NotComparable) {
      return;
    }
    compared++;
    if (!isSame(first, second) && !KnownDifferences.explain(first, second)) {
      var name = "finding-" + ++findings;
      Files.write(folder.resolve(name + ".wasm"), bytes);
      var text = "%s%n%s%n".formatted(first, second);
      Files.writeString(folder.resolve(name + ".txt"), text);
      System.out.print(name + ":\n" + text);
    }
  }

  /** Messages are not compared. */
  private static boolean isSame(EngineResult first, EngineResult second) {
    return switch (first) {
      case EngineResult.Refused refused ->
          second instanceof EngineResult.Refused otherRefused
              && refused.reason() == otherRefused.reason();
      case EngineResult.Ran _, EngineResult.NotComparable _ -> first.equals(second);
    };
  }

  /** The outcome of a module on one engine. */
  sealed interface EngineResult {
    record Refused(ModuleRefusedException.Reason reason, String message) implements EngineResult {}

    record Ran(ComparableResult answer) implements EngineResult {}

    /** A run whose result depends on the engine. */
    record NotComparable() implements EngineResult {}
  }

  private static EngineResult resultOf(Engine engine, byte[] bytes) {
    try (var module = engine.compile(new WasmBinary(bytes), LIMITS)) {
      var result = module.run(Invocations.basic(INPUT, LIMITS, new Cancellation(), GuestLog.NONE));
      return ComparableResult.isComparable(result)
          ? new EngineResult.Ran(ComparableResult.of(result))
          : new EngineResult.NotComparable();
    } catch (ModuleRefusedException refused) {
      return new EngineResult.Refused(refused.reason(), String.valueOf(refused.getMessage()));
    }
  }
}
