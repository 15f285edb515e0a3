package org.wasmbroker.sandbox.component;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

final class ComponentsDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "components.md");
  private static final Path GUESTS = Path.of("..", "handlers-wasm", "languages", "components");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+:[a-z/-]+)` \\| (.*) \\|");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");
  private static final Pattern EXAMPLE =
      Pattern.compile("```wat\n(.*?)```.*?of `([^`]*)` comes `([^`]*)`", Pattern.DOTALL);

  @Test
  void theDocumentListsEveryInterfaceWithItsFunctions() throws IOException {
    var documented = new TreeMap<String, TreeSet<String>>();
    for (var line : Files.readAllLines(DOCUMENT)) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        var names = new TreeSet<String>();
        NAME.matcher(row.group(2)).results().forEach(name -> names.add(name.group(1)));
        documented.put(row.group(1), names);
      }
    }
    var there = new TreeMap<String, TreeSet<String>>();
    for (var function : new ComponentFunctions(Capabilities.STANDARD.functions()).all()) {
      there.computeIfAbsent(function.instance(), _ -> new TreeSet<>()).add(function.name());
    }

    assertThat(documented).isEqualTo(there);
  }

  @Test
  void theExampleReturnsWhatTheDocumentSays() throws IOException {
    var example = EXAMPLE.matcher(Files.readString(DOCUMENT));
    assertThat(example.find()).isTrue();
    try (var engine = WasmtimeEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions());
        var component = engine.compile(Wat.toWasm(example.group(1)), Limits.DEFAULTS)) {
      var result =
          component.run(
              Invocations.basic(
                  Document.of(example.group(2)),
                  Limits.DEFAULTS,
                  new Cancellation(),
                  new RecordingGuestLog()));

      assertThat(result)
          .isInstanceOfSatisfying(
              Completed.class,
              completed -> assertThat(completed.output().text()).isEqualTo(example.group(3)));
    }
  }

  /** They are of guests that CI builds and runs. */
  @ParameterizedTest
  @CsvSource({
    "rust, rust/src/lib.rs",
    "js, js/conformance.js",
    "python, python/conformance.py",
    "wit, conformance.wit"
  })
  void theExamplesOfToolchainsArePartsOfWhatIsBuilt(String language, String source)
      throws IOException {
    var built = Files.readString(GUESTS.resolve(source));
    var block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL);
    var examples = block.matcher(Files.readString(DOCUMENT)).results().toList();

    assertThat(examples).hasSize(1);
    for (var part : examples.getFirst().group(1).split("(//|#) …\n", -1)) {
      assertThat(built).contains(part);
    }
  }

  /** What the functions are in WIT is what the broker compares imports with. */
  @Test
  void theWorldHasTheFunctionsOfTheBroker() throws IOException {
    var wit = Files.readString(Path.of("..", "docs", "wit", "wasm-broker.wit"));
    var functions = new LinkedHashMap<String, List<String>>();
    for (var function : new ComponentFunctions(Capabilities.STANDARD.functions()).all()) {
      if (function.instance().startsWith("wasm-broker:handler/")) {
        var name = function.name();
        functions.put(
            function.instance().substring("wasm-broker:handler/".length()) + " " + name,
            List.of(name.substring(name.lastIndexOf('.') + 1) + ": func("));
      }
    }

    assertThat(functions).hasSize(11);
    functions.forEach((name, declared) -> assertThat(wit).as(name).contains(declared));
  }
}
