package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.conformance.CaseOutcome;
import org.wasmbroker.conformance.CaseOutcome.Verdict;
import org.wasmbroker.conformance.ConformanceKit;
import org.wasmbroker.conformance.ConformanceServer;
import org.wasmbroker.conformance.JunitReport;
import org.wasmbroker.document.Problem;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.GuestServices;
import org.wasmbroker.egress.HostResolver;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentValidator;
import org.wasmbroker.secret.EnvironmentSecrets;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Runs the conformance kit with a module. */
@Command(
    name = "conformance",
    description = {
      "Show whether a module speaks the guest ABI: whether an SDK, or a language, is fit for"
          + " handlers.",
      "The module does what the configuration of each step says; docs/conformance.md describes it."
          + " The exit code is 1 if a case fails."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  wasm-broker conformance tour.wasm --junit conformance.xml"})
final class ConformanceCommand implements Callable<Integer> {
  private static final String SECRETS = "CONFORMANCE_SECRET_";

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(paramLabel = "MODULE", description = "The path of a WebAssembly file.")
  private Path path = Path.of("");

  @Option(
      names = "--filter",
      paramLabel = "TEXT",
      description = "Only the cases whose names contain it.")
  private String filter = "";

  @Option(
      names = {"-n", "--repeat"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Run each case N times; the times are then medians.")
  private int repeat = 1;

  @Option(names = "--json", description = "Print the outcomes as one JSON document.")
  private boolean json;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Write the outcomes as JUnit's XML, too, replacing the file.")
  private @Nullable Path junit;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    if (repeat < 1) {
      throw new UsageException("--repeat must be at least 1, was " + repeat);
    }
    if (ConformanceKit.names().stream().noneMatch(this::isWanted)) {
      throw new UsageException("no case has '%s' in its name".formatted(filter));
    }
    options.putDefault("log.level", "error");
    options.putDefault("limits.memory", "64MiB");
    options.putDefault("limits.time", "10s");
    var config = options.load();
    var wasm = new WasmBinary(Files.readAllBytes(path));
    var name = String.valueOf(path.getFileName());
    try (var engine = Engines.start(config.engineName(), config.engine());
        var server = ConformanceServer.start()) {
      var outcomes = run(engine, config, server.port(), wasm);
      if (junit != null) {
        Files.writeString(junit, JunitReport.of(name, outcomes));
      }
      if (json) {
        console.line(JsonMapper.shared().writeValueAsString(document(name, wasm, outcomes)));
      } else {
        print(console, outcomes);
      }
      return count(outcomes, Verdict.FAILED) == 0 ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private boolean isWanted(String name) {
    return name.contains(filter);
  }

  private List<CaseOutcome> run(Engine engine, BrokerConfig config, int port, WasmBinary wasm) {
    var manifestBytes = ConformanceKit.manifest();
    var manifest =
        ManifestReader.read(
            manifestBytes, ManifestReader.identify(manifestBytes, "conformance"), "conformance");
    var grants = manifest.grants(policy(port, config));
    try (var compiled = engine.compile(wasm, grants.limits());
        var egress =
            new Egress(config.egress(), HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE)) {
      egress.start();
      var id = new ModuleId(manifest.name(), manifest.version().toString(), wasm.digest());
      var kit =
          new ConformanceKit(
              config.dispatch().retryPolicy(),
              config.engine().threadStackBytes(),
              GuestServices.accessFactory(
                  egress,
                  secrets(),
                  new GuestCaches(CacheConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE),
                  EventSink.NONE),
              port);
      return kit.run(
          new Resolved(id, compiled, grants, null),
          ComponentValidator.isHandler(wasm),
          this::isWanted,
          repeat);
    } catch (ModuleRefusedException refused) {
      throw new UsageException("the broker refuses the module: " + refused.getMessage());
    }
  }

  private static Policy policy(int port, BrokerConfig config) {
    return switch (Policy.read(ConformanceKit.policy(port), config.limits())) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) ->
          throw new IllegalStateException(Problem.join(problems));
    };
  }

  private static SecretStore secrets() {
    var values = Map.of(SECRETS + ConformanceKit.SECRET, ConformanceKit.SECRET_VALUE);
    return new SecretStore(List.of(new EnvironmentSecrets(SECRETS, values)));
  }

  private static void print(Console console, List<CaseOutcome> outcomes) {
    for (var outcome : outcomes) {
      var mark =
          switch (outcome.verdict()) {
            case PASSED -> console.success("ok         ");
            case FAILED -> console.failure("FAILED     ");
            case UNSUPPORTED -> console.dim("unsupported");
          };
      console.line(
          "%s %s  %s"
              .formatted(
                  mark,
                  outcome.name(),
                  console.dim(
                      "%s + %s, %s"
                          .formatted(
                              HumanFormat.duration(outcome.instantiation()),
                              HumanFormat.duration(outcome.execution()),
                              HumanFormat.bytes(outcome.memoryBytes())))));
      outcome.problems().forEach(problem -> console.line("            " + problem));
      var reason = outcome.reason();
      if (reason != null && !reason.isBlank()) {
        console.line("            " + reason);
      }
    }
    long failed = count(outcomes, Verdict.FAILED);
    long unsupported = count(outcomes, Verdict.UNSUPPORTED);
    var end =
        "%d of %d cases passed%s"
            .formatted(
                count(outcomes, Verdict.PASSED),
                outcomes.size(),
                unsupported == 0 ? "" : ", %d are not supported".formatted(unsupported));
    console.line(failed == 0 ? console.success(end) : console.failure(end));
  }

  private static Map<String, Object> document(
      String module, WasmBinary wasm, List<CaseOutcome> outcomes) {
    return Map.of(
        "module",
        module,
        "digest",
        "sha256:" + wasm.digest(),
        "module_bytes",
        wasm.size(),
        "failed",
        count(outcomes, Verdict.FAILED),
        "unsupported",
        count(outcomes, Verdict.UNSUPPORTED),
        "cases",
        outcomes.stream().map(ConformanceCommand::document).toList());
  }

  private static Map<String, Object> document(CaseOutcome outcome) {
    var document = new LinkedHashMap<String, Object>();
    document.put("name", outcome.name());
    document.put("verdict", outcome.verdict().name().toLowerCase(Locale.ROOT));
    document.put("problems", outcome.problems());
    var reason = outcome.reason();
    if (reason != null) {
      document.put("reason", reason);
    }
    document.put("instantiation_us", outcome.instantiation().toNanos() / 1000.0);
    document.put("execution_us", outcome.execution().toNanos() / 1000.0);
    document.put("memory_bytes", outcome.memoryBytes());
    return document;
  }

  private static long count(List<CaseOutcome> outcomes, Verdict verdict) {
    return outcomes.stream().filter(each -> each.verdict() == verdict).count();
  }
}
