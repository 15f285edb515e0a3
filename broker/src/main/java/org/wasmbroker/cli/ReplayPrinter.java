package org.wasmbroker.cli;

import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.recording.Recording;
import org.wasmbroker.replay.ReplayResult;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepError;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.util.RawValue;

/** Shows what a replay came to: what ended as recorded, what did not, and where it departed. */
final class ReplayPrinter {
  private static final int MAX_CHARS = 1000;

  private final Console console;
  private final Recording recording;
  private final WasmBinary module;

  ReplayPrinter(Console console, Recording recording, WasmBinary module) {
    this.console = console;
    this.recording = recording;
    this.module = module;
  }

  private boolean isOtherModule() {
    return !module.digest().equals(recording.work().module().digest());
  }

  void text(ReplayResult result) {
    var work = recording.work();
    console.line(
        "step %s, attempt %d, of %s, recorded at %s by wasm-broker %s"
            .formatted(
                work.ids().step(),
                work.attempt().number(),
                text(work.module().toString()),
                text(recording.origin().recordedAt()),
                text(recording.origin().broker())));
    if (isOtherModule()) {
      console.line(
          "module: another one, sha256:%s; recorded with sha256:%s"
              .formatted(module.digest(), work.module().digest()));
    }
    for (var departure : result.departures()) {
      console.line(console.failure("departs") + " " + text(departure));
    }
    for (var difference : result.differences()) {
      console.line(console.failure("differs") + " " + difference.what());
      console.line("  recorded: " + text(difference.recorded()));
      console.line("  replayed: " + text(difference.replayed()));
    }
    for (var note : result.notes()) {
      console.line(console.bold("note") + " " + text(note));
    }
    var end = end(result.outcome());
    console.line(
        result.isSame()
            ? console.success("same outcome") + ": " + end
            : console.failure("another outcome") + ": " + end);
  }

  private static String end(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> "completed";
      case Outcome.Failed failed -> "failed, " + end(failed.error());
      case Outcome.Retry retry -> "failed and to be retried, " + end(retry.error());
    };
  }

  private static String end(StepError error) {
    return text(error.type() + ": " + error.message());
  }

  private static String text(String text) {
    return SafeText.sanitize(text, MAX_CHARS);
  }

  void json(ReplayResult result) {
    var json = JsonMapper.shared().createObjectNode();
    json.put("same", result.isSame());
    json.put("step_uuid", recording.work().ids().step().toString());
    json.put("handler", recording.work().module().handler());
    json.put("version", recording.work().module().version());
    json.put("recorded_digest", "sha256:" + recording.work().module().digest());
    json.put("digest", "sha256:" + module.digest());
    json.putRawValue("outcome", new RawValue(StepExecutionResult.summary(result.outcome())));
    var differences = json.putArray("differences");
    for (var difference : result.differences()) {
      differences
          .addObject()
          .put("what", difference.what())
          .put("recorded", difference.recorded())
          .put("replayed", difference.replayed());
    }
    addAll(json.putArray("departures"), result.departures());
    addAll(json.putArray("notes"), result.notes());
    console.line(JsonText.printable(json.toString()));
  }

  private static void addAll(ArrayNode array, Iterable<String> texts) {
    texts.forEach(array::add);
  }
}
