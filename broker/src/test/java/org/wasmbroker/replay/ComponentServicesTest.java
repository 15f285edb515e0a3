package org.wasmbroker.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.replay.RecordRig.Recorded;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.FileComponents;
import org.wasmbroker.testing.RawServer;

/**
 * What components get of secrets, the cache and requests, granted and refused. Each step is
 * recorded and replayed, and has to end in the replay as it did.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ComponentServicesTest {
  private static final String NOTHING = "{\"host_functions\": []}";
  private static final String SECRETS =
      "{\"host_functions\": [\"read_secret\"], \"secrets\": [\"TOKEN\"]}";
  private static final String CACHE =
      "{\"host_functions\": [\"cache_get\", \"cache_put\", \"cache_delete\"], \"cache\": true}";
  private static final String HTTP =
      "{\"host_functions\": [\"http_request\"], \"http\": [\"* http://127.0.0.1:*\"]}";
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private static final String CODES =
      """
      (type $code-type (enum "invalid" "too-large" "state" "denied" "not-found"
        "rate-limited" "timeout" "io" "budget"))
      (export "error-code" (type $code (eq $code-type)))
      """;

  /** Text that the program collects, and returns as its result. */
  private static final String COLLECTING =
      """
      (global $end (mut i32) (i32.const 1024))
      (func $byte (param i32)
        (i32.store8 (global.get $end) (local.get 0))
        (global.set $end (i32.add (global.get $end) (i32.const 1))))
      (func $bytes (param i32 i32)
        (memory.copy (global.get $end) (local.get 0) (local.get 1))
        (global.set $end (i32.add (global.get $end) (local.get 1))))
      (func $number (param i32)
        (if (i32.ge_u (local.get 0) (i32.const 10))
          (then (call $number (i32.div_u (local.get 0) (i32.const 10)))))
        (call $byte (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10)))))
      """;

  private static final String COLLECTED =
      """
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 24) (i32.const 1024))
      (i32.store (i32.const 28) (i32.sub (global.get $end) (i32.const 1024)))
      (i32.const 16)
      """;

  private RecordRig rig;

  @BeforeAll
  void start() {
    rig = new RecordRig(EngineName.WASMTIME);
  }

  @AfterAll
  void close() {
    rig.close();
  }

  @ParameterizedTest
  @CsvSource({
    "TOKEN, ok 9",
    "OTHER, error 3",
    "no name, error 0",
  })
  void aSecretIsReadOrRefused(String name, String answer) {
    var recorded = recorded(readsASecret(), SECRETS, name);

    assertThat(result(recorded)).isEqualTo("\"" + answer + "\"");
    assertThat(hostCalls(recorded)).isEqualTo("read_secret 1");
    assertThat(recorded.text()).doesNotContain(RecordRig.SECRET);
  }

  @Test
  void aSecretThatIsNotRequestedIsDenied() {
    var recorded = recorded(readsASecret(), NOTHING, "TOKEN");

    assertThat(result(recorded)).isEqualTo("\"error 3\"");
  }

  /** What was read is in the guest's memory, and may not leave it. */
  @Test
  void aSecretDoesNotLeaveWithTheResultOfAComponent() {
    var program =
        secrets()
            .code(
                Components.run(
                    """
                    (call $read (local.get 0) (local.get 1) (i32.const 32))
                    (i32.store8 (i32.const 1024) (i32.const 34))
                    (memory.copy (i32.const 1025) (i32.load (i32.const 36)) (i32.const 9))
                    (i32.store8 (i32.const 1034) (i32.const 34))
                    (i32.store8 (i32.const 16) (i32.const 0))
                    (i32.store (i32.const 24) (i32.const 1024))
                    (i32.store (i32.const 28) (i32.const 11))
                    (i32.const 16)
                    """))
            .handler();

    var recorded = recorded(program, SECRETS, "TOKEN");

    assertThat(error(recorded).type()).isEqualTo("secret_in_output");
    assertThat(recorded.text()).doesNotContain(RecordRig.SECRET);
  }

  private static Components secrets() {
    return new Components()
        .instance(
            "secrets",
            "wasm-broker:handler/secrets@1.0.0",
            CODES
                + """
                (export "read" (func (param "name" string) (result (result string (error $code)))))
                """)
        .function("secrets", "read", "read", "(param i32 i32 i32)");
  }

  /** Reads the secret that the step names, and says its length, or the number of the error. */
  private static WasmBinary readsASecret() {
    return secrets()
        .code(
            COLLECTING
                + Components.run(
                    say("\"")
                        + "(call $read (local.get 0) (local.get 1) (i32.const 32))"
                        + either(32, 36, say("ok ") + "(call $number (i32.load (i32.const 40)))")
                        + say("\"")
                        + COLLECTED))
        .handler();
  }

  @Test
  void aCacheKeepsWhatAComponentPuts() {
    var program =
        cache(
            get()
                + put("(local.get 0) (local.get 1)", 60_000)
                + get()
                + delete()
                + delete()
                + get());

    var recorded = recorded(program, CACHE, "a key");

    assertThat(result(recorded)).isEqualTo("\"none,put,some 5 a key,deleted 1,deleted 0,none,\"");
    assertThat(hostCalls(recorded)).isEqualTo("cache_delete 2, cache_get 3, cache_put 1");
  }

  /** One that is larger than what is first made room for, for which the host is asked again. */
  @Test
  void aLargeValueComesBackWhole() {
    var program =
        cache(
            "(memory.fill (i32.const 32768) (i32.const 120) (i32.const 5000))"
                + "(i32.store8 (i32.const 37767) (i32.const 121))"
                + put("(i32.const 32768) (i32.const 5000)", 60_000)
                + "(call $get (local.get 0) (local.get 1) (i32.const 32))"
                + "(call $number (i32.load (i32.const 44)))"
                + "(call $bytes (i32.add (i32.load (i32.const 40)) (i32.const 4997))"
                + " (i32.const 3))");

    var recorded = recorded(program, CACHE, "large");

    assertThat(result(recorded)).isEqualTo("\"put,5000xxy\"");
    assertThat(hostCalls(recorded)).isEqualTo("cache_get 2, cache_put 1");
  }

  @Test
  void whatTheCacheRefusesIsAnError() {
    var long513 = get().replace("(local.get 0) (local.get 1)", "(i32.const 1024) (i32.const 513)");
    var empty = delete().replace("(local.get 1)", "(i32.const 0)");
    var program = cache(put("(local.get 0) (local.get 1)", 0) + long513 + empty + get());

    var recorded = recorded(program, CACHE, "refused");

    assertThat(result(recorded)).isEqualTo("\"error 0,error 1,error 0,none,\"");
    assertThat(hostCalls(recorded)).isEqualTo("cache_delete 1, cache_get 2, cache_put 1");
  }

  @Test
  void aCacheThatIsNotRequestedIsDenied() {
    var program = cache(get() + put("(local.get 0) (local.get 1)", 60_000) + delete());

    assertThat(result(recorded(program, NOTHING, "key"))).isEqualTo("\"error 3,error 3,error 3,\"");
  }

  private static WasmBinary cache(String body) {
    return new Components()
        .instance(
            "cache",
            "wasm-broker:handler/cache@1.0.0",
            CODES
                + """
                (export "get" (func (param "key" string)
                  (result (result (option (list u8)) (error $code)))))
                (export "put" (func (param "key" string) (param "value" (list u8))
                  (param "ttl-ms" u64) (result (result (error $code)))))
                (export "delete" (func (param "key" string) (result (result bool (error $code)))))
                """)
        .function("cache", "get", "get", "(param i32 i32 i32)")
        .function("cache", "put", "put", "(param i32 i32 i32 i32 i64 i32)")
        .function("cache", "delete", "delete", "(param i32 i32 i32)")
        .code(COLLECTING + Components.run(say("\"") + body + say("\"") + COLLECTED))
        .handler();
  }

  private static String get() {
    return "(call $get (local.get 0) (local.get 1) (i32.const 32))"
        + either(
            32,
            36,
            "(if (i32.load8_u (i32.const 36)) (then "
                + say("some ")
                + "(call $number (i32.load (i32.const 44)))"
                + say(" ")
                + "(call $bytes (i32.load (i32.const 40)) (i32.load (i32.const 44)))) (else "
                + say("none")
                + "))")
        + say(",");
  }

  private static String put(String value, int millis) {
    return "(call $put (local.get 0) (local.get 1) %s (i64.const %d) (i32.const 32))"
            .formatted(value, millis)
        + either(32, 33, say("put"))
        + say(",");
  }

  private static String delete() {
    return "(call $delete (local.get 0) (local.get 1) (i32.const 32))"
        + either(32, 33, say("deleted ") + "(call $number (i32.load8_u (i32.const 33)))")
        + say(",");
  }

  @Test
  void aResponseHasItsHeadAndItsBodyInPieces() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          http(
              say("{")
                  + send(false)
                  + "(call $read-all) (call $drop (global.get $open))"
                  + say("}"));

      var recorded = recorded(program, HTTP, request(server));

      assertThat(result(recorded))
          .startsWith("{\"head\":{\"status\":200,")
          .contains("\"content-length\":[\"5\"]")
          .endsWith(",\"body\":\"hell,o,\"}");
      assertThat(hostCalls(recorded))
          .as("send, head, three pieces of which one is empty, and drop")
          .isEqualTo("http_request 6");
      assertThat(server.requests()).as("the replay sent none").hasSize(1);
    }
  }

  @Test
  void aBodyIsSentWithTheRequest() {
    try (var server = RawServer.responding(HELLO)) {
      var program = http(send(true) + say("1") + "(call $drop (global.get $open))");

      var recorded =
          recorded(program, HTTP, "{\"method\":\"POST\",\"url\":\"%s\"}".formatted(server.url()));

      assertThat(result(recorded)).isEqualTo("1");
      assertThat(hostCalls(recorded)).as("begin, write, finish, drop").isEqualTo("http_request 4");
      assertThat(server.requests()).singleElement().asString().endsWith("\r\n\r\nhello");
    }
  }

  /** More of them than may be open at once: one that is refused leaves none open. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRefusedRequestSaysWhy(boolean body) {
    var program = http(say("[") + send(body).repeat(12) + say("0]"));

    var recorded = recorded(program, HTTP, "{\"method\":\"POST\",\"url\":\"http://10.0.0.1/\"}");

    assertThat(result(recorded).split("\"error 3\",\\{", -1)).hasSize(13);
    assertThat(result(recorded)).contains("\"type\":\"not_allowed\"", "\"sent\":false");
    assertThat(hostCalls(recorded)).isEqualTo("http_request " + (body ? 48 : 24));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{\"url\":7}|0|bad_request", "{\"url\":\"http://10.0.0.1/\"}|3|not_allowed"})
  void theErrorOfARefusalIsThatOfItsDocument(String request, int code, String type) {
    var program = http(say("[") + send(false) + say("0]"));

    assertThat(result(recorded(program, HTTP, request)))
        .startsWith("[\"error " + code + "\",{")
        .contains("\"type\":\"" + type + "\"");
  }

  @Test
  void requestsThatAreNotRequestedAreDenied() {
    try (var server = RawServer.responding(HELLO)) {
      var program = http(say("[") + send(false) + say("0]"));

      assertThat(result(recorded(program, NOTHING, request(server)))).startsWith("[\"error 3\",");
      assertThat(server.accepted()).isZero();
    }
  }

  @Test
  void aResponseThatIsDroppedMakesRoomForAnother() {
    try (var server = RawServer.responding(HELLO)) {
      var drop = "(call $drop (global.get $open))";
      var program =
          http(
              say("[")
                  + (send(false) + say("1,")).repeat(8)
                  + send(false)
                  + drop
                  + (send(false) + say("2,") + drop).repeat(2)
                  + say("0]"));

      var recorded = recorded(program, HTTP, request(server));

      assertThat(result(recorded)).isEqualTo("[1,1,1,1,1,1,1,1,\"error 2\",2,2,0]");
      assertThat(server.requests()).hasSize(10);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(call $head (global.get $open) (i32.const 32))",
        "(call $read (global.get $open) (i32.const 4) (i32.const 32))",
        "(call $drop (global.get $open))"
      })
  void aResponseThatWasDroppedCannotBeUsed(String use) {
    try (var server = RawServer.responding(HELLO)) {
      var program = http(send(false) + "(call $drop (global.get $open))" + use);

      var recorded = recorded(program, HTTP, request(server));

      assertThat(error(recorded).type()).isEqualTo("trapped");
      assertThat(error(recorded).message()).contains("handle 1 is not open");
    }
  }

  /** Also times, which come from a clock that the replay does not ask again. */
  @Test
  void filesOfAStepAreThoseOfItsReplay() {
    var program =
        FileComponents.command(
            """
            (local.set $h (call $open (i32.const 1000) (i32.const 5) (i32.const 0) (i32.const 3)))
            (call $append-via-stream (local.get $h) (i32.const 512))
            (call $must4)
            (call $write (i32.load (i32.const 516)) (i32.const 1100) (i32.const 5) (i32.const 512))
            (call $must)
            (call $say (i32.const 1200) (i32.const 32))
            (call $pread (local.get $h) (i64.const 99) (i64.const 0) (i32.const 512))
            (call $must4)
            (call $say-answer)
            (call $say (i32.const 1005) (i32.const 1))
            (call $stat (local.get $h) (i32.const 512))
            (call $must8)
            (call $say-number (i64.load (i32.const 576)))
            (call $say (i32.const 1005) (i32.const 1))
            (call $read-directory (global.get $root) (i32.const 512))
            (call $must4)
            (call $say-entries (i32.load (i32.const 516)))
            (call $say (i32.const 1232) (i32.const 2))
            """,
            "given ",
            " more",
            "{\\22status\\22:\\22completed\\22,\\22result\\22:\\22\\22}");

    var recorded =
        recorded(
            program,
            "{\"files\": {\"/step\": {\"mode\": \"read-write\", \"from\": \"input\"}}}",
            "{\"config\":{\"files\":{\"/step/given\":\"some\",\"/step/other\":\"\"}}}");

    assertThat(result(recorded)).matches("\"some more [0-9]{10,} given,other,\"");
    assertThat(hostCalls(recorded)).contains("fd_pread 1", "fd_readdir", "path_open 1");
  }

  private static String request(RawServer server) {
    return "{\"url\":\"%s\"}".formatted(server.url());
  }

  private static WasmBinary http(String body) {
    return new Components()
        .instance(
            "http",
            "wasm-broker:handler/http@1.0.0",
            CODES
                + """
                (type $refusal-type (record (field "code" $code) (field "document" string)))
                (export "refusal" (type $refusal (eq $refusal-type)))
                (export "response" (type $response (sub resource)))
                (export "send" (func (param "request" string) (param "body" (option (list u8)))
                  (result (result (own $response) (error $refusal)))))
                (export "[method]response.head" (func (param "self" (borrow $response))
                  (result string)))
                (export "[method]response.read" (func (param "self" (borrow $response))
                  (param "max" u32) (result (result (list u8) (error $code)))))
                """)
        .function("http", "send", "send", "(param i32 i32 i32 i32 i32 i32)")
        .function("http", "[method]response.head", "head", "(param i32 i32)")
        .function("http", "[method]response.read", "read", "(param i32 i32 i32)")
        .drop("http", "response", "drop")
        .code(
            COLLECTING
                + "(data (i32.const 512) \"hello\")"
                + "(global $open (mut i32) (i32.const 0))"
                + "(func $read-all"
                + say("\"head\":")
                + "(call $head (global.get $open) (i32.const 32))"
                + "(call $bytes (i32.load (i32.const 32)) (i32.load (i32.const 36)))"
                + say(",\"body\":\"")
                + "(block $end (loop $more"
                + " (call $read (global.get $open) (i32.const 4) (i32.const 32))"
                + " (if (i32.load8_u (i32.const 32)) (then unreachable))"
                + " (br_if $end (i32.eqz (i32.load (i32.const 40))))"
                + " (call $bytes (i32.load (i32.const 36)) (i32.load (i32.const 40)))"
                + say(",")
                + "(br $more)))"
                + say("\"")
                + ")"
                + Components.run(body + COLLECTED))
        .handler();
  }

  /**
   * Sends the step with or without a body, and keeps the response, or says the error and its
   * document, each with a comma.
   */
  private static String send(boolean withBody) {
    return """
    (call $send (local.get 0) (local.get 1)
      (i32.const %d) (i32.const 512) (i32.const 5) (i32.const 32))
    (if (i32.load8_u (i32.const 32))
      (then
        %s (call $number (i32.load8_u (i32.const 36))) %s
        (if (i32.load (i32.const 44))
          (then (call $bytes (i32.load (i32.const 40)) (i32.load (i32.const 44))) %s)))
      (else (global.set $open (i32.load (i32.const 36)))))
    """
        .formatted(withBody ? 1 : 0, say("\"error "), say("\","), say(","));
  }

  /** Text for the result. */
  private static String say(String text) {
    return text.chars()
        .mapToObj("(call $byte (i32.const %d))"::formatted)
        .collect(Collectors.joining());
  }

  /** What is done with an answer, and otherwise the number of the error. */
  private static String either(int tag, int error, String otherwise) {
    return "(if (i32.load8_u (i32.const %d)) (then ".formatted(tag)
        + say("error ")
        + "(call $number (i32.load8_u (i32.const %d)))) (else %s))".formatted(error, otherwise);
  }

  /** Records a step, and replays it to the same end. */
  private Recorded recorded(WasmBinary component, String capabilities, String input) {
    var recorded = rig.record(rig.guest(component, capabilities), Document.of(input));
    var replayed = rig.replay(recorded);
    assertThat(replayed.departures()).isEmpty();
    assertThat(replayed.differences()).isEmpty();
    assertThat(replayed.notes()).isEmpty();
    assertThat(end(replayed.outcome())).isEqualTo(end(recorded.outcome()));
    return recorded;
  }

  private static Object end(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed completed -> completed.result().text();
      case Outcome.Failed failed -> failed.error();
      case Outcome.Retry retry -> retry.error();
    };
  }

  private static String result(Recorded recorded) {
    assertThat(recorded.outcome()).isInstanceOf(Outcome.Completed.class);
    return (String) end(recorded.outcome());
  }

  private static StepError error(Recorded recorded) {
    assertThat(recorded.outcome()).isInstanceOf(Outcome.Failed.class);
    return ((Outcome.Failed) recorded.outcome()).error();
  }

  private static String hostCalls(Recorded recorded) {
    return recorded.recording().end().usage().hostCalls().stream()
        .map(count -> count.function() + " " + count.total())
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
