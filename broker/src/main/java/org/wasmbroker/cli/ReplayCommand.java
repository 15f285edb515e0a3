package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.recording.Recording;
import org.wasmbroker.recording.RecordingReader;
import org.wasmbroker.recording.UnusableRecordingException;
import org.wasmbroker.replay.Replay;
import org.wasmbroker.replay.ReplayResult;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a recorded step again. */
@Command(
    name = "replay",
    description = {
      "Run a recorded step again, offline, with the same module and the recorded answers of its"
          + " host: HTTP responses, clocks, random bytes, checkpoints. Shows whether it ends as it"
          + " did, byte for byte, and where it departs.",
      "Nothing is sent, and no database or secret is used: secrets are not in a recording, and what"
          + " stands in for one has its length and nothing else of it."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it ended as it was recorded",
      "1:it ended otherwise",
      "2:it cannot be replayed: the file, the module, the engine, or the command line"
    },
    footer = {
      "",
      "Examples:",
      "  wasm-broker replay http_request-0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f-1.jsonl"
          + " --trace-calls",
      "  wasm-broker replay step.jsonl --module target/fixed.wasm --any-module"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int CANNOT = 2;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      paramLabel = "FILE",
      description = "A recording, as a broker with record.handlers or invoke --record writes it.")
  private @Nullable Path file;

  @Option(
      names = "--module",
      paramLabel = "FILE",
      description = "The module, if it is not among the modules of this machine.")
  private @Nullable Path module;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "A module directory in which it is looked for first.")
  private @Nullable Path directory;

  @Option(
      names = "--any-module",
      description = "Run the --module even if it is another one than the recorded one.")
  private boolean anyModule;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "wasmtime or wasmtime-java (default: the recorded one).")
  private @Nullable String engineName;

  @Option(
      names = "--time-limit",
      paramLabel = "DURATION",
      description = "How long a run may take (default: as recorded).")
  private @Nullable String timeLimit;

  @Option(names = "--trace-calls", description = "Show each answer that the guest gets.")
  private boolean traceCalls;

  @Option(names = "--json", description = "Show the result as JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    options.putDefault("log.level", "warn");
    var config = options.load();
    try {
      return replay(config, console);
    } catch (UnusableRecordingException unusable) {
      console.error("wasm-broker: cannot replay %s: %s".formatted(file, unusable.getMessage()));
      return CANNOT;
    } catch (IOException unreadable) {
      console.error("wasm-broker: cannot replay: " + ErrorReporter.message(unreadable));
      return CANNOT;
    }
  }

  private int replay(BrokerConfig config, Console console)
      throws IOException, UnusableRecordingException {
    if (anyModule && module == null) {
      throw new UsageException("--any-module needs --module FILE");
    }
    var recording = RecordingReader.read(Objects.requireNonNull(file));
    if (recording.truncated() != null) {
      throw new UnusableRecordingException(
          "its recording is not complete: " + SafeText.sanitize(recording.truncated(), 300));
    }
    var modules = new ReplayModules(config);
    var wasm =
        module == null
            ? modules.find(recording.work().module(), directory)
            : modules.read(module, recording.work().module(), anyModule);
    var result = run(recording, wasm, config, console);
    var printer = new ReplayPrinter(console, recording, wasm);
    if (json) {
      printer.json(result);
    } else {
      printer.text(result);
    }
    return result.isSame() ? ExitCode.OK : ExitCode.FAILED;
  }

  private ReplayResult run(
      Recording recording, WasmBinary wasm, BrokerConfig config, Console console)
      throws UnusableRecordingException {
    var limits = limits(recording.terms().limits());
    var engineConfig = engine(config.engine(), recording);
    Consumer<String> trace =
        line -> {
          if (traceCalls) {
            console.error(console.dim(line));
          }
        };
    try (var engine = Engines.start(engineName(recording), engineConfig);
        var compiled = engine.compile(wasm, limits)) {
      var replay =
          new Replay(recording, config.dispatch().retryPolicy(), engineConfig.threadStackBytes());
      return replay.run(compiled, limits, trace);
    } catch (ModuleRefusedException
        | EngineUnavailableException
        | IllegalArgumentException refused) {
      throw new UnusableRecordingException(String.valueOf(refused.getMessage()));
    }
  }

  private Limits limits(Limits recorded) {
    var wanted = timeLimit;
    if (wanted == null) {
      return recorded;
    }
    return recorded.withTime(
        QuantityParser.parseDuration(wanted)
            .orElseThrow(
                () ->
                    new UsageException(
                        "--time-limit must be a duration such as 30s, was '%s'"
                            .formatted(SafeText.sanitize(wanted, 40)))));
  }

  /** With room for the recorded limits, and with the recorded stack. */
  private static EngineConfig engine(EngineConfig config, Recording recording) {
    var terms = recording.terms();
    return new EngineConfig(
        1,
        Math.max(config.memoryBytes(), terms.limits().memoryBytes()),
        terms.stackBytes(),
        config.tick(),
        config.moduleBytes(),
        config.compileCache(),
        config.library(),
        terms.limits().fuel() > 0,
        config.compile(),
        config.cacheBounds(),
        config.compileSeed());
  }

  private EngineName engineName(Recording recording) throws UnusableRecordingException {
    var recorded = recording.origin().engine();
    var name = engineName != null ? engineName : recorded == null ? "" : recorded.name();
    if (name.isEmpty()) {
      return EngineName.WASMTIME;
    }
    return Arrays.stream(EngineName.values())
        .filter(each -> WireName.hyphenated(each).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UnusableRecordingException(
                    "there is no engine '%s'; --engine names wasmtime or wasmtime-java"
                        .formatted(SafeText.sanitize(name, 40))));
  }
}
