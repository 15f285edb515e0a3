package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.example.Difference;
import org.wasmbroker.example.ExampleOutcome;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.step.Digest;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Shows how examples ended: each at once for people, or all as one JSON document. */
final class ExamplePrinter {
  private static final int MAX_LOG_LINES = 20;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Console console;
  private final boolean json;
  private final List<ExampleOutcome> outcomes = new ArrayList<>();

  ExamplePrinter(Console console, boolean json) {
    this.console = console;
    this.json = json;
  }

  void print(ExampleOutcome outcome) {
    outcomes.add(outcome);
    if (json) {
      return;
    }
    var receipt = outcome.outcome().receipt();
    var mark = outcome.matched() ? console.success("ok    ") : console.failure("FAILED");
    console.line(
        "%s %s  %s"
            .formatted(
                mark,
                outcome.example().name(),
                console.dim(
                    HumanFormat.duration(receipt.execution())
                        + ", "
                        + HumanFormat.bytes(receipt.memoryHighWaterBytes()))));
    outcome.differences().forEach(this::print);
    outcome.log().stream()
        .limit(MAX_LOG_LINES)
        .forEach(line -> console.line(console.dim("       guest " + line)));
    if (outcome.log().size() > MAX_LOG_LINES) {
      console.line(
          console.dim("       and %d more lines".formatted(outcome.log().size() - MAX_LOG_LINES)));
    }
  }

  private void print(Difference difference) {
    var at = difference.at().display();
    console.line("       " + (at.isEmpty() ? "the outcome" : at));
    console.line("         expected " + console.success(difference.expectedText()));
    console.line("         was      " + console.failure(difference.actualText()));
  }

  /** Prints the end. */
  void finish(Manifest manifest, Digest module) {
    if (json) {
      console.line(JsonMapper.shared().writeValueAsString(document(manifest, module)));
      return;
    }
    long failed = failed();
    if (outcomes.isEmpty()) {
      console.line(
          "%s %s has no examples; add some to manifest.json, see docs/publish.md"
              .formatted(manifest.name(), manifest.version()));
    } else if (failed == 0) {
      console.line(console.success("%d examples, all as expected".formatted(outcomes.size())));
    } else {
      console.line(console.failure("%d of %d examples failed".formatted(failed, outcomes.size())));
    }
  }

  List<ExampleOutcome> outcomes() {
    return List.copyOf(outcomes);
  }

  long failed() {
    return outcomes.stream().filter(outcome -> !outcome.matched()).count();
  }

  private ObjectNode document(Manifest manifest, Digest module) {
    var document = NODES.objectNode();
    document.put("handler", manifest.name());
    document.put("version", manifest.version().toString());
    document.put("module", "sha256:" + module);
    document.put("failed", failed());
    var all = document.putArray("examples");
    for (var outcome : outcomes) {
      all.add(document(outcome));
    }
    return document;
  }

  private static ObjectNode document(ExampleOutcome outcome) {
    var receipt = outcome.outcome().receipt();
    var document = NODES.objectNode();
    document.put("name", outcome.example().name());
    document.put("matched", outcome.matched());
    document.set("outcome", outcome.actual());
    var differences = document.putArray("differences");
    for (var difference : outcome.differences()) {
      var item = differences.addObject();
      item.put("pointer", difference.at().toString());
      if (difference.expected() != null) {
        item.set("expected", difference.expected());
      }
      if (difference.actual() != null) {
        item.set("actual", difference.actual());
      }
    }
    document.put("instantiation_us", receipt.instantiation().toNanos() / 1000);
    document.put("execution_us", receipt.execution().toNanos() / 1000);
    document.put("memory_bytes", receipt.memoryHighWaterBytes());
    var log = document.putArray("log");
    for (var line : outcome.log()) {
      var item = log.addObject();
      item.put("level", line.level().name());
      item.put("message", line.message());
      item.put("fields", line.fields());
    }
    return document;
  }
}
