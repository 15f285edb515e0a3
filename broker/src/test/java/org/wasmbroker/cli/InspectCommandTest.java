package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;
import tools.jackson.databind.json.JsonMapper;

class InspectCommandTest {
  @TempDir private Path directory;

  private Path write(String name, byte[] content) throws IOException {
    var file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private static CommandRun inspect(Path file, String... further) {
    return CommandRun.of(further, "inspect", file.toString());
  }

  @Test
  void aModuleThatIsTooLargeIsRefusedInOneWayWhereverItIs() throws IOException {
    var module = write("large/module.wasm", new byte[0]);
    try (var file = FileChannel.open(module, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1), 21 << 20);
    }
    var alone = inspect(module);
    write(
        "large/manifest.json",
        "{\"name\":\"a\",\"version\":\"1.0.0\",\"abi\":\"1\"}".getBytes(StandardCharsets.UTF_8));

    for (var run : List.of(alone, inspect(module), inspect(directory.resolve("large")))) {
      assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(run.err()).contains("module.wasm", "engine.module-size", "20971520 bytes");
    }
  }

  @Test
  void aMisspeltMemberOfAManifestIsNamedWithTheRightOne() throws IOException {
    write("typo/module.wasm", new WasmModuleBuilder().toBytes());
    write(
        "typo/manifest.json",
        "{\"name\":\"a\",\"verison\":\"1.0.0\",\"abi\":\"1\"}".getBytes(StandardCharsets.UTF_8));

    var run = inspect(directory.resolve("typo"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err() + run.out()).contains("verison", "did you mean 'version'?");
  }

  @Test
  void aModuleWithItsManifestIsDescribed() throws IOException {
    var module =
        new WasmModuleBuilder()
            .importFunction("wasm_broker_v1", "read_input", "ii->i")
            .memory(1, 3)
            .export("memory", WasmModuleBuilder.MEMORY, 0)
            .function("->", 0x41, 0, 0xc0, 0x1a)
            .export("run", WasmModuleBuilder.FUNCTION, 1);
    write("a/module.wasm", module.toBytes());
    var manifest =
        """
        {"name":"a","version":"1.0.0-rc.1","abi":"1","capabilities":{"http":["https://a.example"]},
         "resources":{"timeout_ms":5},"examples":[{"name":"e","expect":{"result":1}}]}\
        """;
    write("a/manifest.json", manifest.getBytes(StandardCharsets.UTF_8));

    var run = inspect(directory.resolve("a"), "--json");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    var json = JsonMapper.shared().readTree(run.out());
    assertThat(json.at("/handler").stringValue()).isEqualTo("a");
    assertThat(json.at("/version").stringValue()).isEqualTo("1.0.0-rc.1");
    assertThat(json.at("/imports/wasm_broker_v1/0").stringValue()).isEqualTo("read_input");
    assertThat(json.at("/exports").toString()).isEqualTo("[\"memory\",\"run\"]");
    assertThat(json.at("/memory").toString()).isEqualTo("[{\"min\":65536,\"max\":196608}]");
    assertThat(json.at("/features").toString()).isEqualTo("[\"sign-extension\"]");
    assertThat(json.at("/destinations/0").stringValue()).isEqualTo("GET,HEAD https://a.example/");
    assertThat(json.at("/time_limit_ms").intValue()).isEqualTo(5);
    assertThat(json.at("/examples").intValue()).isEqualTo(1);
    assertThat(json.at("/digest").stringValue()).startsWith("sha256:");
    assertThat(json.at("/refused").isEmpty()).isTrue();

    assertThat(inspect(directory.resolve("a")).out())
        .contains("time limit ms", "GET,HEAD https://a.example/", "a broker would run it");
  }

  @Test
  void everythingThatABrokerWouldRefuseIsTold() throws IOException {
    var module =
        new WasmModuleBuilder()
            .importFunction("env", "foo\u001b", "->")
            .importFunction("wasm_broker_v1", "read_inptu", "ii->i")
            .memory(1)
            .toBytes();

    var run = inspect(write("bad.wasm", module));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out())
        .contains(
            "a broker would refuse it:",
            "'env.foo '",
            "did you mean 'read_input'?",
            "exports no memory",
            "exports neither the function 'run'")
        .doesNotContain("\u001b");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void whatTheEngineRefusesIsToldToo() throws IOException {
    var unbalanced = WasmModuleBuilder.reactor().function("->", 0x1a).toBytes();

    var run = inspect(write("unbalanced.wasm", unbalanced));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("a broker would refuse it:", "type mismatch");
  }

  @Test
  void hostileBytesAreDescribedAndNeverACrash() throws IOException {
    var random = new Random(7);
    var module = PrebuiltHandlers.module("noop").bytes();
    for (int round = 0; round < 4; round++) {
      var changed = module.clone();
      for (int change = 0; change < 20; change++) {
        changed[8 + random.nextInt(changed.length - 8)] = (byte) random.nextInt(256);
      }
      var run = inspect(write("changed.wasm", changed));
      assertThat(run.exitCode()).as(run.err()).isIn(ExitCode.OK, ExitCode.FAILED);
      assertThat(run.out()).contains("sha256:");
    }
    assertThat(inspect(write("text.wasm", "(module)".getBytes(StandardCharsets.UTF_8))).out())
        .contains("WebAssembly text");
    assertThat(inspect(write("empty.wasm", new byte[0])).out()).contains("the module is empty");
  }

  @Test
  void anInvalidManifestIsAReason() throws IOException {
    write("b/module.wasm", WasmModuleBuilder.reactor().toBytes());
    var manifest =
        """
        {"name":"b","version":"1.0.0","abi":"1","config_schema":{"type":7},"x":1}\
        """;
    write("b/manifest.json", manifest.getBytes(StandardCharsets.UTF_8));

    var run = inspect(directory.resolve("b"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("/x: is unknown", "digest", "sha256:");
  }

  @Test
  void aMissingOrUselessFileIsSaid() throws IOException {
    assertThat(inspect(directory.resolve("none")).exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    Files.createDirectory(directory.resolve("empty"));
    var run = inspect(directory.resolve("empty"));
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("has no manifest.json, so it is no handler");
  }
}
