package org.wasmbroker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An image that {@code scripts/unpack-image} has unpacked, and commands in it. */
record UnpackedImage(Path directory) {
  static final String VARIABLE = "IMAGE_UNPACKED";

  static UnpackedImage ofEnvironment() {
    return new UnpackedImage(
        Path.of(Objects.requireNonNull(System.getenv(VARIABLE), VARIABLE)).toAbsolutePath());
  }

  Path root() {
    return directory.resolve("rootfs");
  }

  JsonNode config() {
    return JsonMapper.shared().readTree(directory.resolve("config.json"));
  }

  /** Every file, link and directory of the root file system, by its path in the image. */
  List<String> paths() throws IOException {
    try (var all = Files.walk(root())) {
      return all.map(path -> "/" + root().relativize(path)).toList();
    }
  }

  Path file(String path) {
    return root().resolve(path.substring(1));
  }

  Object attribute(String path, String name) throws IOException {
    return Files.getAttribute(file(path), "unix:" + name, LinkOption.NOFOLLOW_LINKS);
  }

  /** A command that has ended. */
  record Ended(int code, String out, String err) {}

  /** Runs the image with these arguments to the end. */
  Ended run(Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    var err = Files.createTempFile("image-", ".err");
    try {
      var process =
          new ProcessBuilder(command(variables, List.of(), arguments))
              .redirectError(err.toFile())
              .start();
      process.getOutputStream().close();
      var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }

  /** Starts the image with these arguments, in the background. */
  Started start(Map<String, String> variables, List<String> mounts, String... arguments)
      throws IOException {
    var log = Files.createTempFile("image-", ".log");
    var builder = new ProcessBuilder(command(variables, mounts, arguments));
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return new Started(builder.start(), log);
  }

  private List<String> command(
      Map<String, String> variables, List<String> mounts, String... arguments) {
    var command = new ArrayList<>(List.of("../scripts/run-unpacked"));
    variables.forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
    mounts.forEach(mount -> command.addAll(List.of("-v", mount)));
    command.add(directory.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** A container that runs. */
  record Started(Process process, Path log) implements AutoCloseable {
    /** What an engine sends to process 1 of a container. */
    void terminate() {
      var first = process.children().toList();
      assertThat(first).as("process 1 of the container").hasSize(1);
      assertThat(first.getFirst().destroy()).isTrue();
    }

    int awaitExit() throws InterruptedException {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as(output()).isTrue();
      return process.exitValue();
    }

    String output() {
      try (Stream<String> lines = Files.lines(log)) {
        return String.join("\n", lines.toList());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      process.children().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.onExit().join();
      Files.delete(log);
    }
  }
}
