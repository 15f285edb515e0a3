package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.sandbox.wasmtime.Wat;
import tools.jackson.databind.json.JsonMapper;

/** From a handler's files to a module directory; with registries, PublishIT. */
class PublishCommandTest {
  @TempDir private Path directory;

  /** A handler with a fixed result, and an example of it. */
  private Path handler(String version, String members) throws IOException {
    var home = Files.createDirectories(directory.resolve("hello"));
    var document = "{\"status\":\"completed\",\"result\":{\"n\":1}}";
    var wat =
        """
        (module
          (import "wasm_broker_v1" "write_output" (func $write (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "%s")
          (func (export "run") (result i32) (call $write (i32.const 0) (i32.const %d))))\
        """
            .formatted(document.replace("\"", "\\22"), document.length());
    Files.write(home.resolve("module.wasm"), Wat.toWasm(wat).bytes());
    Files.writeString(
        home.resolve("manifest.json"),
        """
        {"name":"hello","version":"%s","abi":"1"%s}\
        """
            .formatted(version, members.isEmpty() ? "" : "," + members));
    return home;
  }

  private static String example(String result) {
    return "\"examples\":[{\"name\":\"e\",\"expect\":{\"result\":" + result + "}}]";
  }

  private Path modules() {
    return directory.resolve("modules");
  }

  private CommandRun publish(Path file, String... further) {
    return CommandRun.of(further, "publish", file.toString(), modules().toString());
  }

  @Test
  void aHandlerIsPublishedWithAReceipt() throws IOException {
    var run = publish(handler("1.0.0", example("{\"n\":1.0}")));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("all 1 match", "1.0.0 is new", "writing module");
    assertThat(run.out())
        .contains("location", modules().resolve("hello/1.0.0").toString(), "sha256:");
    assertThat(modules().resolve("hello/1.0.0/module.wasm")).exists();

    var again = publish(directory.resolve("hello"), "--json");
    assertThat(again.exitCode()).isEqualTo(ExitCode.OK);
    var json = JsonMapper.shared().readTree(again.out());
    assertThat(json.at("/published").booleanValue()).isFalse();
    assertThat(json.at("/already_there").booleanValue()).isTrue();
    assertThat(json.at("/checks/0/name").stringValue()).isEqualTo("manifest");

    handler("1.0.0", "\"description\":\"other\"");
    var other = publish(directory.resolve("hello"));
    assertThat(other.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(other.err()).contains("raise the version", "nothing was published");
    assertThat(other.out()).isEmpty();
  }

  @Test
  void anExampleThatDoesNotMatchPreventsIt() throws IOException {
    var home = handler("1.0.0", example("{\"n\":2}"));

    var run = publish(home);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("1 of 1 do not match", "'e': /result/n: expected 2, was 1");
    assertThat(modules()).doesNotExist();

    var dry = publish(home, "--no-examples", "--dry-run");
    assertThat(dry.exitCode()).as(dry.err()).isEqualTo(ExitCode.OK);
    assertThat(dry.err()).contains("skipped  examples");
    assertThat(modules()).doesNotExist();
  }

  @Test
  void whatAsksMoreIsRefusedUnlessItIsAccepted() throws IOException {
    assertThat(publish(handler("1.0.0", "")).exitCode()).isEqualTo(ExitCode.OK);
    var next = handler("1.1.0", "\"capabilities\":{\"http\":[\"https://a.example\"]}");

    var refused = publish(next, "--json");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED);
    var json = JsonMapper.shared().readTree(refused.out());
    assertThat(json.at("/published").booleanValue()).isFalse();
    assertThat(json.at("/checks").toString())
        .contains("requests to GET,HEAD https://a.example/", "--accept-capabilities");
    assertThat(publish(next, "--accept-capabilities").exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void anArchiveIsPublishedAsWell() throws IOException {
    var home = handler("2.0.0", "");
    var zip = new ByteArrayOutputStream();
    try (var out = new ZipOutputStream(zip, UTF_8)) {
      for (var name : new String[] {"manifest.json", "module.wasm"}) {
        out.putNextEntry(new ZipEntry("hello/" + name));
        out.write(Files.readAllBytes(home.resolve(name)));
      }
    }
    var archive = Files.write(directory.resolve("hello.zip"), zip.toByteArray());

    var run = publish(archive);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(modules().resolve("hello/2.0.0/manifest.json")).exists();

    var broken = Files.write(directory.resolve("broken.zip"), "PK\3\4nothing".getBytes(UTF_8));
    var refused = publish(broken);
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(refused.err()).contains("damaged archive").doesNotContain("Exception:");
  }

  @Test
  void aModuleThatABrokerWouldRefuseIsNotPublished() throws IOException {
    var home = handler("1.0.0", "");
    Files.write(home.resolve("module.wasm"), "\0asm".getBytes(UTF_8));
    var run = publish(home);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err().toLowerCase(Locale.ROOT))
        .contains("failed   module", "ends within its header");
  }

  @Test
  void whatCouldBeARegistryOrADirectoryIsAsked() throws IOException {
    var home = handler("1.0.0", "").toString();
    var run = CommandRun.of("publish", home, "registry.example/hello:1.0.0");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("oci://registry.example/hello:1.0.0", "dir:");
    assertThat(CommandRun.of("publish", home, "oci://x").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aKeyThatIsNoneIsSaid() throws IOException {
    var key = Files.writeString(directory.resolve("key.pem"), "nothing");
    var run = publish(handler("1.0.0", ""), "--key", key.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("key.pem");
  }
}
