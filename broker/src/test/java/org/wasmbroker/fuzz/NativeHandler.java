package org.wasmbroker.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A handler of the catalog as a native program of the same source. */
record NativeHandler(Path program) {
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

  /** The result document for a step document, which the program writes as a line. */
  String answer(String document) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(program.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var in = process.getOutputStream()) {
      in.write(document.getBytes(StandardCharsets.UTF_8));
    }
    var answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    answer = answer.endsWith("\n") ? answer.substring(0, answer.length() - 1) : answer;
    return code == 0 ? answer : "exit code " + code + ": " + answer;
  }
}
