package org.wasmbroker.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.HostAnswer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** A handler of the catalog as a native program of the same source. */
record NativeHandler(Path program) {
  /** A result document may be as long as the host allows. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(1 << 30).build())
                  .build())
          .build();

  /**
   * The program that {@code handlers-wasm/build --native} has made.
   *
   * @throws AssertionError if it has not
   */
  static NativeHandler of(String handler) {
    var target =
        Objects.requireNonNullElse(
            System.getenv("CARGO_TARGET_DIR"), Path.of("..", "handlers-wasm", "target").toString());
    var program = Path.of(target, "release", handler + "-native").toAbsolutePath().normalize();
    if (!Files.isExecutable(program)) {
      throw new AssertionError(program + " is missing: run handlers-wasm/build --native");
    }
    return new NativeHandler(program);
  }

  /**
   * What becomes of a step whose requests get these answers, and are not sent. Of a program that
   * fails the result is its exit code.
   */
  Answered answer(Document document, List<HostAnswer> answers)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(program.toString(), "--answered")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    var step = Map.of("document", document.text(), "answers", HostAnswer.written(answers));
    try (var in = process.getOutputStream()) {
      in.write(JSON.writeValueAsBytes(step));
    }
    var answer = process.getInputStream().readAllBytes();
    int code = process.waitFor();
    if (code != 0) {
      return new Answered(List.of(), "exit code " + code);
    }
    return JSON.readValue(answer, Answered.class);
  }

  /**
   * The end of a step.
   *
   * @param requests the request documents that were sent, in their order
   * @param result the result document
   */
  record Answered(List<String> requests, String result) {}
}
