package org.wasmbroker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.hostile.WayIn.Request;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.HostileGuests;

/**
 * Whichever way a step comes in, a hostile guest is met by the same sandbox: it ends with the same
 * document and a receipt, and good steps beside it end as they should. Another way in is another
 * {@link WayIn}, and a line in {@link #WAYS}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileWaysInIT {
  private static final String QUEUE = "queue";
  private static final String MCP = "MCP";
  private static final String SESSION = "session";

  /** How each is opened with the settings of a broker. */
  private static final List<Way> WAYS =
      List.of(
          new Way(QUEUE, QueueWay::new),
          new Way("invoke", InvokeWay::new),
          new Way(MCP, McpWay::new),
          new Way(SESSION, SessionWay::new));

  private static final int GOOD_STEPS = 20;

  private record Way(String name, Function<Map<String, String>, WayIn> open) {}

  private final Map<String, Map<String, Ending>> endings = new LinkedHashMap<>();
  private List<HostileCase> cases = List.of();
  private List<HostileCase> commands = List.of();
  private List<HostileCase> components = List.of();

  @BeforeAll
  void runAllStepsByEachWay(@TempDir Path directory) throws IOException {
    try (var peers = new HostileServers()) {
      commands = HostileCommands.all(peers).toList();
      components = HostileComponents.all(peers).toList();
      cases = cases(peers);
      var settings = settings(directory);
      var requests = requests(peers);
      for (var way : WAYS) {
        try (var opened = way.open().apply(settings)) {
          endings.put(way.name(), opened.run(requests));
        }
      }
      assertThat(peers.victimConnections()).as("connections that no policy allows").isZero();
    }
  }

  @Test
  void everyHostileGuestEndsAsExpected() {
    assertSoftly(
        all ->
            cases.forEach(
                hostile -> {
                  var ending = ending(QUEUE, hostile.name());
                  all.assertThat(ending.end())
                      .as(hostile + ": " + ending.message())
                      .isEqualTo(hostile.expectedEnd());
                  all.assertThat(ending.message()).as(hostile.name()).contains(hostile.message());
                }));
  }

  @Test
  void theDocumentIsTheSameWhicheverWayTheStepCameIn() {
    assertSoftly(
        all ->
            forEachOther(
                (way, hostile) -> {
                  var expected = ending(QUEUE, hostile.name());
                  all.assertThat(ending(way, hostile.name()).comparable())
                      .as(hostile + " by " + way)
                      .isEqualTo(expected.comparable());
                }));
  }

  @Test
  void theReceiptNamesTheModuleThatRan() {
    assertSoftly(
        all ->
            forEachOther(
                (way, hostile) ->
                    all.assertThat(ending(way, hostile.name()).module())
                        .as(hostile + " by " + way)
                        .isEqualTo(ending(QUEUE, hostile.name()).module())));
    assertThat(cases)
        .filteredOn(hostile -> !hostile.expectedEnd().equals("module_refused"))
        .allSatisfy(hostile -> assertThat(ending(QUEUE, hostile.name()).module()).isNotNull());
  }

  @Test
  void onlyModulesThatAreRefusedAreNoTools() {
    assertThat(cases)
        .filteredOn(hostile -> isNotListed(MCP, hostile))
        .allSatisfy(hostile -> assertThat(hostile.expectedEnd()).isEqualTo("module_refused"));
  }

  @Test
  void onlyModulesThatAreRefusedAreNoCommandsOfASession() {
    assertThat(commands)
        .isNotEmpty()
        .filteredOn(hostile -> isNotListed(SESSION, hostile))
        .allSatisfy(hostile -> assertThat(hostile.expectedEnd()).isEqualTo("module_refused"));
  }

  @Test
  void goodStepsBesideThemEndAsTheyShould() {
    assertThat(endings.keySet())
        .allSatisfy(
            way -> {
              for (int i = 0; i < GOOD_STEPS; i++) {
                if (!way.equals(SESSION)) {
                  assertThat(ending(way, good(i)).document().toString())
                      .as(way)
                      .isEqualTo("{\"status\":\"completed\",\"result\":\"good %d\"}".formatted(i));
                }
                var result = ending(way, goodCommand(i)).document().path("result");
                assertThat(result.path("exit_code").intValue()).as(way).isZero();
                assertThat(result.path("stdout").stringValue())
                    .as(way)
                    .isEqualTo("good %d\n".formatted(i));
              }
            });
  }

  private Ending ending(String way, String label) {
    return Objects.requireNonNull(
        Objects.requireNonNull(endings.get(way)).get(label), () -> label + " by " + way);
  }

  private boolean isNotListed(String way, HostileCase hostile) {
    return ending(way, hostile.name()).equals(Ending.NOT_LISTED);
  }

  /** What is to hold of every step by every way but the queue. */
  private void forEachOther(BiConsumer<String, HostileCase> check) {
    endings.keySet().stream()
        .filter(way -> !way.equals(QUEUE))
        .forEach(
            way ->
                cases.stream()
                    .filter(hostile -> !isNotListed(way, hostile))
                    .forEach(hostile -> check.accept(way, hostile)));
  }

  /** Those that need no input and no names of the test's, and a hostile configuration. */
  private List<HostileCase> cases(HostileServers peers) {
    return Stream.of(
            HostileCases.all()
                .filter(hostile -> hostile.input().of(peers).equals(Document.of("{}"))),
            commands.stream(),
            components.stream(),
            Stream.of(
                HostileCase.sending(
                    "ungranted-destination",
                    "http_request",
                    servers ->
                        Document.of(
                            "{\"url\":\"http://127.0.0.1:%d/\"}".formatted(servers.victim())),
                    "not_allowed",
                    "policy does not grant GET http://127.0.0.1")))
        .flatMap(all -> all)
        .toList();
  }

  private List<Request> requests(HostileServers peers) {
    var requests = new ArrayList<Request>();
    for (int i = 0; i < Math.max(cases.size(), GOOD_STEPS); i++) {
      if (i < cases.size()) {
        var hostile = cases.get(i);
        requests.add(
            new Request(hostile.name(), hostile.guest(), hostile.input().of(peers).text(), "null"));
      }
      if (i < GOOD_STEPS) {
        requests.add(
            new Request(good(i), "transform", "{\"filter\":\".context\"}", "\"good " + i + "\""));
        requests.add(
            new Request(goodCommand(i), "echo", "{\"args\":[\"good %d\"]}".formatted(i), "null"));
      }
    }
    return requests;
  }

  private static String good(int number) {
    return "good " + number;
  }

  private static String goodCommand(int number) {
    return "good command " + number;
  }

  private Map<String, String> settings(Path directory) throws IOException {
    var settings = new LinkedHashMap<String, String>();
    settings.put("registry.directory", modules(directory).toString());
    settings.put("policy.file", policy(directory).toString());
    settings.put("secrets.directory", secrets(directory).toString());
    settings.put("engine.compile-cache", directory.resolve("compiled").toString());
    settings.put("limits.host-calls", String.valueOf(HostileRig.LIMITS.hostCalls()));
    settings.put("log.level", "error");
    return settings;
  }

  /** The hostile modules, also as commands, and the generated ones, in one directory. */
  private static Path modules(Path parent) throws IOException {
    var modules = Files.createDirectory(parent.resolve("modules"));
    GeneratedModules.generate(modules);
    var sums = HostileGuests.DIRECTORY.resolve("SHA256SUMS");
    Files.writeString(
        modules.resolve("SHA256SUMS"), Files.readString(sums), StandardOpenOption.APPEND);
    try (var files = Files.walk(HostileGuests.DIRECTORY)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var copy = modules.resolve(HostileGuests.DIRECTORY.relativize(file));
        if (!file.equals(sums)) {
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
    HostileCommands.generate(modules);
    HostileComponents.generate(modules, modules);
    return modules;
  }

  /** That of {@link HostileRig}, and little time for guests that use all of it. */
  private Path policy(Path parent) throws IOException {
    return Files.writeString(
        parent.resolve("policy.yaml"),
        HostileRig.POLICY
            + cases.stream()
                .filter(HostileCase::isEndless)
                .map(
                    hostile ->
                        "  - {handler: %s, limits: {time: %dms}}%n"
                            .formatted(hostile.guest(), hostile.timeout().toMillis()))
                .collect(Collectors.joining()));
  }

  private static Path secrets(Path parent) throws IOException {
    var secrets = Files.createDirectory(parent.resolve("secrets"));
    Files.writeString(secrets.resolve("key"), HostileRig.READABLE_SECRET);
    Files.writeString(secrets.resolve("bound"), HostileRig.BOUND_SECRET);
    return secrets;
  }
}
