package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.source.OciSources;
import org.wasmbroker.registry.store.StoreConfig;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.RegistryServer;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Handlers are published in a real registry by the commands that people use. */
class PublishIT {
  @TempDir private static Path files;
  private static RegistryServer registry;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    registry = RegistryServer.start(files);
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  private Path project(String name) {
    var home = directory.resolve(name);
    succeed("new", name, "--lang", "wat", "--dir", home.toString());
    return home;
  }

  private static CommandRun succeed(String... arguments) {
    var run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(ExitCode.OK);
    return run;
  }

  private static JsonNode json(CommandRun run) {
    return JsonMapper.shared().readTree(run.out());
  }

  private static String reference(String repository, String version) {
    return "oci://%s/%s:%s".formatted(registry.host(), repository, version);
  }

  private static void edit(Path file, String from, String to) throws IOException {
    var text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  @Test
  void aRunningBrokerRunsWhatWasJustPublished() throws InterruptedException {
    var loaded = new Semaphore(0);
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      var sources =
          new OciSources(
              List.of(new Repository(registry.host(), "live/hello")), OciConfig.DEFAULTS);
      var config =
          BrokerConfigs.with(
              BrokerConfigs.standalone(database.config()),
              new RegistryConfig(null, Duration.ofMillis(200), StoreConfig.NONE, null, sources));
      try (var _ =
          Broker.start(
              config,
              event -> {
                if (event instanceof ModuleEvent.Loaded(var id, _, _)
                    && id.handler().equals("hello")) {
                  loaded.release();
                }
              })) {
        succeed("publish", project("hello").toString(), reference("live/hello", "1.0.0"));
        assertThat(loaded.tryAcquire(2, TimeUnit.MINUTES)).isTrue();

        queue.send(
            List.of(
                """
                {"step_uuid":"%s","handler":"hello","config":{},"input":{"who":"Ada"}}\
                """
                    .formatted(UUID.randomUUID())));
        queue.awaitResults(1);
        assertThat(queue.results("completed")).as(queue.errorTypes().toString()).isEqualTo(1);
      }
    }
  }

  @Test
  void aReleaseIsTheSameWhereverItIsKept() throws Exception {
    var home = project("same");
    var key = directory.resolve("key.pem");
    Files.writeString(key, privateKey());

    var published =
        json(
            succeed(
                "publish",
                home.toString(),
                reference("a/same", "1.0.0"),
                "--key=" + key,
                "--json"));
    var digest = published.at("/digest").stringValue();
    var again =
        json(
            succeed(
                "publish",
                home.toString(),
                reference("a/same", "1.0.0"),
                "--key=" + key,
                "--json"));
    assertThat(again.at("/already_there").booleanValue()).isTrue();
    assertThat(again.at("/signatures").intValue()).as("this key has signed").isZero();

    var modules = directory.resolve("modules");
    var pulled =
        json(
            succeed(
                "registry", "pull", reference("a/same", "1.0.0"), modules.toString(), "--json"));
    assertThat(pulled.at("/digest").stringValue()).isEqualTo(digest);
    assertThat(pulled.at("/signatures").intValue()).isEqualTo(1);
    assertThat(modules.resolve("same/1.0.0/signature.sigstore.json")).exists();

    var archive = directory.resolve("same.tar.gz");
    succeed("registry", "pull", reference("a/same", "1.0.0"), archive.toString());
    var copied =
        json(succeed("publish", archive.toString(), reference("b/same", "1.0.0"), "--json"));
    assertThat(copied.at("/digest").stringValue()).isEqualTo(digest);
    assertThat(copied.at("/signatures").intValue()).isEqualTo(1);

    var inspected = json(succeed("inspect", reference("b/same", "1.0.0"), "--json"));
    assertThat(inspected.at("/digest").stringValue()).isEqualTo(digest);
    var listed = json(succeed("registry", "list", "-s", "registry.directory=" + modules, "--json"));
    assertThat(listed.at("/releases").valueStream().toList())
        .filteredOn(row -> row.at("/handler").stringValue().equals("same"))
        .singleElement()
        .satisfies(row -> assertThat(row.at("/digest").stringValue()).isEqualTo(digest));
  }

  private static String privateKey() throws Exception {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    var der = generator.generateKeyPair().getPrivate().getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
        .formatted(Base64.getMimeEncoder().encodeToString(der));
  }

  @Test
  void whatAsksMoreAndWhatChangesAVersionIsRefused() throws IOException {
    var home = project("grows");
    succeed("publish", home.toString(), reference("grows", "1.0.0"));

    edit(home.resolve("manifest.json"), "\"1.0.0\"", "\"1.1.0\"");
    edit(home.resolve("manifest.json"), "\"timeout_ms\": 10000", "\"timeout_ms\": 20000");
    var wrongTag = CommandRun.of("publish", home.toString(), reference("grows", "1.0.0"));
    assertThat(wrongTag.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(wrongTag.err()).contains("the manifest says version 1.1.0");
    var wrongName = CommandRun.of("publish", home.toString(), reference("shrinks", "1.1.0"));
    assertThat(wrongName.err()).contains("must be the handler's name, grows");

    var more = CommandRun.of("publish", home.toString(), reference("grows", "1.1.0"));
    assertThat(more.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(more.err()).contains("20000 ms of time instead of 10000", "--accept-capabilities");
    succeed("publish", home.toString(), reference("grows", "1.1.0"), "--accept-capabilities");
    var diff =
        CommandRun.of("registry", "diff", reference("grows", "1.0.0"), reference("grows", "1.1.0"));
    assertThat(diff.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(diff.out()).contains("+ 20000 ms of time instead of");

    edit(home.resolve("manifest.json"), "\"timeout_ms\": 20000", "\"timeout_ms\": 20001");
    var changed = CommandRun.of("publish", home.toString(), reference("grows", "1.1.0"));
    assertThat(changed.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(changed.err()).contains("raise the version");
  }

  @Test
  void whatARegistryDoesNotHaveOrDoesNotAnswerIsSaid() {
    var missing = CommandRun.of("inspect", reference("none", "1.0.0"));
    assertThat(missing.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(missing.err()).contains("none").doesNotContain("Exception");
  }
}
