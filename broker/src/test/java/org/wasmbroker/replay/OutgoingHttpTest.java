package org.wasmbroker.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.replay.RecordRig.Recorded;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.HttpComponents;
import org.wasmbroker.testing.RawServer;

/**
 * Requests of components by {@code wasi:http}. Each step is recorded and replayed, and has to end
 * in the replay as it did.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OutgoingHttpTest {
  private static final String NOTHING = "{\"host_functions\": []}";
  private static final String HTTP =
      "{\"host_functions\": [\"http_request\"], \"http\": [\"* http://127.0.0.1:*\"]}";
  private static final String SECRETS =
      "{\"host_functions\": [\"http_request\"], \"http\": [\"* http://127.0.0.1:*\"],"
          + " \"secrets\": [\"TOKEN\"]}";
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final int GET = 0;
  private static final int POST = 2;

  /** What the programs are made of; what functions give is at 32, and the texts are from 200 on. */
  private static final String PARTS =
      """
      (global $end (mut i32) (i32.const 1024))
      (global $headers (mut i32) (i32.const 0))
      (global $request (mut i32) (i32.const 0))
      (global $options (mut i32) (i32.const 0))
      (global $out (mut i32) (i32.const 0))
      (global $stream (mut i32) (i32.const 0))
      (global $future (mut i32) (i32.const 0))
      (global $response (mut i32) (i32.const 0))
      (global $body (mut i32) (i32.const 0))
      (global $input (mut i32) (i32.const 0))
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
      (func $code (param i32)
        (call $number (i32.load8_u (local.get 0)))
        (if (i32.eq (i32.load8_u (local.get 0)) (i32.const 38))
          (then
            (call $byte (i32.const 32))
            (call $bytes (i32.load offset=12 (local.get 0)) (i32.load offset=16 (local.get 0)))))
        (call $byte (i32.const 44)))
      (func $answer
        (call $get (global.get $future) (i32.const 32))
        (if (i32.eqz (i32.load8_u (i32.const 32))) (then SAY(pending,) (return)))
        (if (i32.load8_u (i32.const 40)) (then SAY(taken,) (return)))
        (if (i32.load8_u (i32.const 48)) (then SAY(error ) (call $code (i32.const 56)) (return)))
        (global.set $response (i32.load (i32.const 56)))
        (call $number (call $status (global.get $response)))
        SAY(,))
      (func $open
        (call $consume (global.get $response) (i32.const 32))
        (if (i32.load8_u (i32.const 32)) (then SAY(consumed,) (return)))
        (global.set $body (i32.load (i32.const 36)))
        (call $in-stream (global.get $body) (i32.const 32))
        (global.set $input (i32.load (i32.const 36))))
      (func $read
        (loop $more
          (call $blocking-read (global.get $input) (i64.const 4) (i32.const 32))
          (if (i32.load8_u (i32.const 32))
            (then
              (if (i32.load8_u (i32.const 36)) (then SAY(end) (return)))
              (call $error-code (i32.load (i32.const 40)) (i32.const 64))
              SAY(broken )
              (call $code (i32.const 72))
              (return)))
          (call $bytes (i32.load (i32.const 36)) (i32.load (i32.const 40)))
          SAY(,)
          (br $more)))
      (func $close
        (call $drop-input (global.get $input))
        (call $drop-trailers (call $finish-in (global.get $body)))
        (call $drop-response (global.get $response))
        (call $drop-future (global.get $future)))
      (func $take
        (call $out-body (global.get $request) (i32.const 32))
        (global.set $out (i32.load (i32.const 36)))
        (call $out-stream (global.get $out) (i32.const 32))
        (global.set $stream (i32.load (i32.const 36))))
      (func $write (param i32 i32)
        (call $blocking-write (global.get $stream) (local.get 0) (local.get 1) (i32.const 32))
        (if (i32.load8_u (i32.const 32))
          (then
            (call $error-code (i32.load (i32.const 40)) (i32.const 64))
            SAY(write )
            (call $code (i32.const 72)))))
      (func $finish
        (call $drop-output (global.get $stream))
        (call $finish-out (global.get $out) (i32.const 0) (i32.const 0) (i32.const 32))
        (if (i32.load8_u (i32.const 32)) (then SAY(finish ) (call $code (i32.const 40)))))
      (func $handle
        (call $handle-it (global.get $request) (i32.ne (global.get $options) (i32.const 0))
          (global.get $options) (i32.const 32))
        (if (i32.load8_u (i32.const 32))
          (then SAY(refused ) (call $code (i32.const 40)))
          (else (global.set $future (i32.load (i32.const 40))))))
      (func $header (param i32 i32 i32 i32 i32)
        (call $append (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
          (i32.const 32))
        (if (i32.load8_u (i32.const 32))
          (then SAY(header ) (call $number (i32.load8_u (i32.const 33))) SAY(,))))
      (func $begin
        (global.set $headers (call $new-fields)))
      (func $make (param i32 i32 i32 i32 i32)
        (global.set $request (call $new-request (global.get $headers)))
        (drop (call $set-method (global.get $request) (local.get 0) (i32.const 0) (i32.const 0)))
        (drop (call $set-scheme (global.get $request) (i32.const 1) (i32.const 0) (i32.const 0)
          (i32.const 0)))
        (if (call $set-authority (global.get $request) (i32.const 1) (local.get 1) (local.get 2))
          (then SAY(authority,)))
        (if (call $set-path (global.get $request) (i32.const 1) (local.get 3) (local.get 4))
          (then SAY(path,))))
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

  /** One program, which is put together step by step. */
  private static final class Program {
    private final StringBuilder texts = new StringBuilder();
    private final StringBuilder body = new StringBuilder();
    private int end = 200;

    String text(String text) {
      int at = end;
      end += text.length();
      texts.append("(data (i32.const %d) \"".formatted(at));
      text.chars().forEach(c -> texts.append("\\%02x".formatted(c)));
      texts.append("\")");
      return "(i32.const %d) (i32.const %d)".formatted(at, text.length());
    }

    Program then(String... functions) {
      for (var function : functions) {
        body.append(function.startsWith("(") ? function : "(call $" + function + ")");
      }
      return this;
    }

    Program header(String name, String value) {
      return header("(global.get $headers)", name, value);
    }

    Program header(String fields, String name, String value) {
      return then("(call $header %s %s %s)".formatted(fields, text(name), text(value)));
    }

    /** A request to the server that the step names. */
    Program make(int method, String path) {
      return then(
          "(call $make (i32.const %d) (local.get 0) (local.get 1) %s)"
              .formatted(method, text(path)));
    }

    Program write(String text) {
      return then("(call $write " + text(text) + ")");
    }

    Program timeout(long nanos) {
      return then(
          "(global.set $options (call $new-options))",
          "(drop (call $set-timeout (global.get $options) (i32.const 1) (i64.const %d)))"
              .formatted(nanos));
    }

    WasmBinary handler() {
      return HttpComponents.importing()
          .memory("2")
          .function("poll", "[method]pollable.block", "block", "(param i32)")
          .function(
              "streams",
              "[method]input-stream.blocking-read",
              "blocking-read",
              "(param i32 i64 i32)")
          .function(
              "streams",
              "[method]output-stream.blocking-write-and-flush",
              "blocking-write",
              "(param i32 i32 i32 i32)")
          .function("types", "http-error-code", "error-code", "(param i32 i32)")
          .function("types", "[constructor]fields", "new-fields", "(result i32)")
          .function("types", "[method]fields.append", "append", "(param i32 i32 i32 i32 i32 i32)")
          .function("types", "[method]fields.clone", "clone", "(param i32) (result i32)")
          .function(
              "types", "[constructor]outgoing-request", "new-request", "(param i32) (result i32)")
          .function(
              "types",
              "[method]outgoing-request.headers",
              "request-headers",
              "(param i32) (result i32)")
          .function("types", "[method]outgoing-request.body", "out-body", "(param i32 i32)")
          .function(
              "types",
              "[method]outgoing-request.set-method",
              "set-method",
              "(param i32 i32 i32 i32) (result i32)")
          .function(
              "types",
              "[method]outgoing-request.set-scheme",
              "set-scheme",
              "(param i32 i32 i32 i32 i32) (result i32)")
          .function(
              "types",
              "[method]outgoing-request.set-authority",
              "set-authority",
              "(param i32 i32 i32 i32) (result i32)")
          .function(
              "types",
              "[method]outgoing-request.set-path-with-query",
              "set-path",
              "(param i32 i32 i32 i32) (result i32)")
          .function("types", "[constructor]request-options", "new-options", "(result i32)")
          .function(
              "types",
              "[method]request-options.set-first-byte-timeout",
              "set-timeout",
              "(param i32 i32 i64) (result i32)")
          .function("types", "[method]outgoing-body.write", "out-stream", "(param i32 i32)")
          .function(
              "types", "[static]outgoing-body.finish", "finish-out", "(param i32 i32 i32 i32)")
          .function(
              "types",
              "[method]future-incoming-response.subscribe",
              "subscribe",
              "(param i32) (result i32)")
          .function("types", "[method]future-incoming-response.get", "get", "(param i32 i32)")
          .function(
              "types", "[method]incoming-response.status", "status", "(param i32) (result i32)")
          .function(
              "types",
              "[method]incoming-response.headers",
              "response-headers",
              "(param i32) (result i32)")
          .function("types", "[method]incoming-response.consume", "consume", "(param i32 i32)")
          .function("types", "[method]incoming-body.stream", "in-stream", "(param i32 i32)")
          .function(
              "types", "[static]incoming-body.finish", "finish-in", "(param i32) (result i32)")
          .function("handler", "handle", "handle-it", "(param i32 i32 i32 i32)")
          .drop("streams", "input-stream", "drop-input")
          .drop("streams", "output-stream", "drop-output")
          .drop("types", "outgoing-body", "drop-out")
          .drop("types", "outgoing-request", "drop-request")
          .drop("types", "incoming-response", "drop-response")
          .drop("types", "incoming-body", "drop-body")
          .drop("types", "future-incoming-response", "drop-future")
          .drop("types", "future-trailers", "drop-trailers")
          .code(
              said(PARTS)
                  + texts
                  + Components.run(
                      say("\"")
                          + body
                          + say("\"")
                          + """
                            (i32.store8 (i32.const 16) (i32.const 0))
                            (i32.store (i32.const 24) (i32.const 1024))
                            (i32.store (i32.const 28)
                              (i32.sub (global.get $end) (i32.const 1024)))
                            (i32.const 16)
                            """))
          .handler();
    }
  }

  private static String said(String code) {
    return Pattern.compile("SAY\\(([^)]*)\\)")
        .matcher(code)
        .replaceAll(match -> Matcher.quoteReplacement(say(match.group(1))));
  }

  private static String say(String text) {
    return text.chars()
        .mapToObj("(call $byte (i32.const %d))"::formatted)
        .collect(Collectors.joining());
  }

  @Test
  void aRequestWithoutABodyIsSentWhenItIsHandled() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .header("x-tag", "a")
              .header("X-Tag", "b")
              .make(GET, "/a?b=1")
              .then("handle", "answer", "open", "read", "close");

      var recorded = recorded(program, HTTP, authority(server));

      assertThat(result(recorded)).isEqualTo("\"200,hell,o,end\"");
      assertThat(hostCalls(recorded))
          .as("send, head, three reads, close")
          .contains("http_request 6");
      assertThat(server.requests())
          .as("the replay sent none")
          .singleElement()
          .asString()
          .startsWith("GET /a?b=1 HTTP/1.1\r\n")
          .contains("x-tag: a\r\nx-tag: b\r\n")
          .doesNotContainIgnoringCase("content-length");
    }
  }

  /** What is written before the request is handled is kept until then. */
  @ParameterizedTest
  @CsvSource({"before, 0", "between, 0", "after, 1"})
  void aBodyIsWrittenWhenTheGuestLikes(String when, int pending) {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program().then("begin").header("content-length", "5").make(POST, "/").then("take");
      switch (when) {
        case "before" -> program.write("he").write("llo").then("finish", "handle");
        case "between" -> program.write("he").then("handle").write("llo").then("finish");
        default -> program.then("handle", "answer").write("he").write("llo").then("finish");
      }
      program.then("answer", "open", "read", "close");

      var recorded = recorded(program, HTTP, authority(server));

      assertThat(result(recorded))
          .isEqualTo("\"" + "pending,".repeat(pending) + "200,hell,o,end\"");
      assertThat(server.requests())
          .singleElement()
          .asString()
          .startsWith("POST / HTTP/1.1\r\n")
          .contains("Content-Length: 5\r\n")
          .endsWith("\r\n\r\nhello");
    }
  }

  /** Toolchains take the body of every request. */
  @Test
  void aBodyThatIsEmptyIsNone() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(GET, "/")
              .then("take", "handle")
              .write("")
              .then("finish", "answer");

      assertThat(result(recorded(program, HTTP, authority(server)))).isEqualTo("\"200,\"");
      assertThat(server.requests())
          .singleElement()
          .asString()
          .doesNotContainIgnoringCase("content-");
    }
  }

  @Test
  void aSecretIsFilledIntoAHeader() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .header("authorization", "Bearer {{secret:TOKEN}}")
              .make(GET, "/")
              .then("handle", "answer");

      var recorded = recorded(program, SECRETS, authority(server));

      assertThat(result(recorded)).isEqualTo("\"200,\"");
      assertThat(server.requests())
          .singleElement()
          .asString()
          .contains("authorization: Bearer " + RecordRig.SECRET);
      assertThat(recorded.text()).doesNotContain(RecordRig.SECRET);
    }
  }

  @Test
  void aDestinationThatIsNotGrantedIsDenied() {
    var program =
        new Program().then("begin").make(POST, "/").then("take").then("handle").write("hello");
    program.then("finish", "answer");

    assertThat(result(recorded(program, HTTP, "10.0.0.1"))).isEqualTo("\"error 15,\"");
    assertThat(result(recorded(program, NOTHING, "10.0.0.1")))
        .as("which is known before the request is whole")
        .isEqualTo("\"write 15,error 15,\"");
  }

  @Test
  void aServerThatDoesNotAnswerTimesOut() {
    try (var server =
        RawServer.start(
            client -> {
              while (client.readRequest()) {
                // It has nothing to say.
              }
            })) {
      var program =
          new Program().then("begin").make(GET, "/").timeout(20_000_000).then("handle", "answer");

      assertThat(result(recorded(program, HTTP, authority(server)))).isEqualTo("\"error 33,\"");
    }
  }

  @Test
  void anErrorSaysWhatTheErrorDocumentSays() {
    var program = new Program().then("begin").make(GET, "/").then("handle", "answer");

    assertThat(result(recorded(program, HTTP, "127.0.0.1:0")))
        .startsWith("\"error 38 bad_request: ");
  }

  @Test
  void aConnectionThatBreaksEndsTheBodyWithAnError() {
    try (var server =
        RawServer.start(
            client -> {
              client.readRequest();
              client.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhell");
            })) {
      var program =
          new Program().then("begin").make(GET, "/").then("handle", "answer", "open", "read");

      assertThat(result(recorded(program, HTTP, authority(server))))
          .startsWith("\"200,hell,broken 38 bad_response: ");
    }
  }

  @Test
  void moreResponsesThanMayBeOpenAreRefused() {
    try (var server = RawServer.responding(HELLO)) {
      var program = new Program();
      for (int i = 0; i < 9; i++) {
        program.then("begin").make(GET, "/").then("handle", "answer");
      }
      program.then("(call $drop-future (global.get $future))");
      program.then("(call $drop-response (global.get $response))");
      program.then("begin").make(GET, "/").then("handle", "answer");

      assertThat(result(recorded(program, HTTP, authority(server))))
          .isEqualTo("\"" + "200,".repeat(8) + "error 11,200,\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"a b|x|0", "a|x\\ny: z|0", "a|x\\r|0", "Host|x|1", "transfer-encoding|chunked|1"})
  void aHeaderThatNoRequestMayHaveIsRefused(String name, String value, int error) {
    var program =
        new Program().then("begin").header(name, value.replace("\\n", "\n").replace("\\r", "\r"));

    assertThat(result(recorded(program, NOTHING, "a"))).isEqualTo("\"header " + error + ",\"");
  }

  @Test
  void theHeadersOfARequestAndAResponseAreImmutableButTheirCopiesAreNot() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(GET, "/")
              .header("(call $request-headers (global.get $request))", "a", "b")
              .then("handle", "answer")
              .header("(call $response-headers (global.get $response))", "a", "b")
              .header("(call $clone (call $response-headers (global.get $response)))", "a", "b");

      assertThat(result(recorded(program, HTTP, authority(server))))
          .isEqualTo("\"header 2,200,header 2,\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "user@a", "a b", "a#b", "a?b", "a\\b"})
  void anAuthorityThatIsMoreThanAHostAndAPortIsRefused(String authority) {
    var program = new Program().then("begin").make(GET, "/");

    assertThat(result(recorded(program, NOTHING, authority))).isEqualTo("\"authority,\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "/a b", "/a#b", "/a\nb", "@evil/"})
  void aPathThatIsMoreThanAPathIsRefused(String path) {
    var program = new Program().then("begin").make(GET, path);

    assertThat(result(recorded(program, NOTHING, "a"))).isEqualTo("\"path,\"");
  }

  @ParameterizedTest
  @CsvSource({"3, write 17", "9, finish 17"})
  void aBodyOfAnotherLengthThanWasSaidIsNotSent(String length, String error) {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .header("content-length", length)
              .make(POST, "/")
              .then("take", "handle")
              .write("hello")
              .then("finish", "answer");

      assertThat(result(recorded(program, HTTP, authority(server))))
          .isEqualTo("\"" + error + ",error 17,\"");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aBodyThatIsDroppedIsNotSent() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(POST, "/")
              .then("take", "handle")
              .write("hello")
              .then("(call $drop-output (global.get $stream))")
              .then("(call $drop-out (global.get $out))", "answer");

      assertThat(result(recorded(program, HTTP, authority(server))))
          .startsWith("\"error 38 the request's body was dropped");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aBodyThatIsNeverFinishedIsNotSent() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(POST, "/")
              .then("take", "handle")
              .write("hello")
              .then("answer");

      assertThat(result(recorded(program, HTTP, authority(server)))).isEqualTo("\"pending,\"");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aResponseIsTakenOnceAndSoIsItsBody() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(GET, "/")
              .then("handle", "answer", "answer", "open", "open");

      assertThat(result(recorded(program, HTTP, authority(server))))
          .isEqualTo("\"200,taken,consumed,\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(call $handle)|is not open, or is none of outgoing-request",
        "(call $block (call $subscribe (global.get $future)))|has not finished the request's body",
        "(call $drop-out (global.get $out))|before its output-stream",
        "(call $finish-out (global.get $out) (i32.const 0) (i32.const 0) (i32.const 32))"
            + "|before its output-stream",
        "(call $get (i32.const 77) (i32.const 32))|handle 77 is not open",
        "(call $get (global.get $stream) (i32.const 32))|is none of future-incoming-response",
        "(call $drop-response (global.get $future))|is none of incoming-response",
      })
  void whatNoProgramDoesEndsTheRun(String crime, String why) {
    var program = new Program().then("begin").make(POST, "/").then("take", "handle").then(crime);

    var recorded = recorded(program, HTTP, "127.0.0.1");

    assertThat(error(recorded).type()).isEqualTo("trapped");
    assertThat(error(recorded).message()).contains(why);
  }

  @Test
  void anIncomingBodyIsNotGivenBackBeforeItsStream() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(GET, "/")
              .then("handle", "answer", "open", "(drop (call $finish-in (global.get $body)))");

      assertThat(error(recorded(program, HTTP, authority(server))).message())
          .contains("before its input-stream");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(call $header (global.get $headers) TEXT TEXT)|more than 1000 into fields",
        "(call $begin) (call $header (global.get $headers) TEXT (i32.const 65536)"
            + " (i32.const 8192))|more than 4194304 bytes",
        "(call $begin) (call $make (i32.const 2) TEXT TEXT) (call $take) (call $write"
            + " (i32.const 65536) (i32.const 65536))|handles open",
        "(call $begin) (call $header (global.get $headers) TEXT (i32.const 65536)"
            + " (i32.const 8192)) (call $header (global.get $headers) TEXT (i32.const 65536)"
            + " (i32.const 8192)) (call $make (i32.const 2) TEXT TEXT) (call $take)"
            + " (call $handle)|more than 4194304 bytes",
      })
  void whatFieldsAndBodiesHoldIsBounded(String again, String why) {
    var program = new Program();
    var text = program.text("a");
    program
        .then("(memory.fill (i32.const 65536) (i32.const 120) (i32.const 65536))", "begin")
        .then("(loop $more " + again.replace("TEXT", text) + "(br $more))");

    var recorded = recorded(program, NOTHING, "a");

    assertThat(error(recorded).type()).isEqualTo("trapped");
    assertThat(error(recorded).message()).contains(why);
  }

  /**
   * Each request is the host's memory only until it is dropped, whatever handles of it are left.
   */
  @Test
  void aBodyThatIsNotSentTakesNoMemoryOnceItsRequestIsDropped() {
    var used = new CopyOnWriteArrayList<Long>();
    try (var server =
        RawServer.start(
            client -> {
              while (client.readRequest()) {
                used.add(usedHeapBytes());
                client.write(HELLO);
              }
            })) {
      var program =
          new Program()
              .then("(memory.fill (i32.const 65536) (i32.const 120) (i32.const 65536))")
              .then("begin")
              .make(GET, "/")
              .then("handle", "answer")
              .then("(loop $more (call $begin)")
              .make(POST, "/")
              .then(
                  "take",
                  "(i32.store (i32.const 184) (i32.const 0))",
                  "(loop $piece (call $write (i32.const 65536) (i32.const 65536))",
                  "(i32.store (i32.const 184) (i32.add (i32.load (i32.const 184)) (i32.const 1)))",
                  "(br_if $piece (i32.lt_u (i32.load (i32.const 184)) (i32.const 63))))",
                  "(call $drop-request (global.get $request))",
                  "(i32.store (i32.const 180) (i32.add (i32.load (i32.const 180)) (i32.const 1)))",
                  "(br_if $more (i32.lt_u (i32.load (i32.const 180)) (i32.const 64))))")
              .then("begin")
              .make(GET, "/")
              .then("handle", "answer");

      assertThat(result(recorded(program, HTTP, authority(server)))).isEqualTo("\"200,200,\"");
    }
    assertThat(used.getLast() - used.getFirst())
        .as("of 252 MiB that were written")
        .isLessThan(128 << 20);
  }

  @SuppressWarnings("DoNotCallSystemGc")
  private static long usedHeapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void noMoreRequestsAreSentThanMayBe() {
    try (var server = RawServer.responding(HELLO)) {
      var program = new Program();
      for (int i = 0; i < 3; i++) {
        program.then("begin").make(GET, "/").then("handle", "answer");
      }

      assertThat(result(recorded(program, LimitKind.HTTP_CALLS, 1, authority(server))))
          .matches("\"200,error 38 budget_exceeded: [^,]*,error 38 budget_exceeded: [^,]*,\"");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void noMoreOfABodyIsTakenThanMayBeSent() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .make(POST, "/")
              .then("take", "handle")
              .write("x".repeat(300))
              .write("x".repeat(300))
              .then("finish", "answer");

      assertThat(result(recorded(program, LimitKind.HTTP_SENT, 400, authority(server))))
          .startsWith("\"write 38 budget_exceeded: ")
          .contains(",error 38 budget_exceeded: ");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aRequestThatIsLargerThanMayBeSentIsNotSent() {
    try (var server = RawServer.responding(HELLO)) {
      var program =
          new Program()
              .then("begin")
              .header("x-tag", "x".repeat(500))
              .make(GET, "/")
              .then("handle", "answer");

      assertThat(result(recorded(program, LimitKind.HTTP_SENT, 400, authority(server))))
          .startsWith("\"error 38 budget_exceeded: ");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aBodyEndsWithAnErrorWhenMoreWasReceivedThanMayBe() {
    var response =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n"
            + "x".repeat(200)
            + "\r\n0\r\n\r\n";
    try (var server = RawServer.responding(response)) {
      var program =
          new Program().then("begin").make(GET, "/").then("handle", "answer", "open", "read");

      assertThat(result(recorded(program, LimitKind.HTTP_RECEIVED, 150, authority(server))))
          .startsWith("\"200,xxxx")
          .endsWith("broken 28,\"");
    }
  }

  @Test
  void aResponseThatSaysThatItIsLargerThanMayBeReceivedIsRefused() {
    try (var server =
        RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhello")) {
      var program = new Program().then("begin").make(GET, "/").then("handle", "answer");

      assertThat(result(recorded(program, LimitKind.HTTP_RECEIVED, 1_000, authority(server))))
          .startsWith("\"error 38 budget_exceeded: ");
    }
  }

  @Test
  void aRequestBeyondItsRateIsToldWhenToComeAgain() {
    try (var server =
        RawServer.start(
            InetAddress.ofLiteral("127.0.0.2"),
            0,
            client -> {
              while (client.readRequest()) {
                client.write(HELLO);
              }
            })) {
      var program = new Program();
      for (int i = 0; i < 2; i++) {
        program.then("begin").make(GET, "/").then("handle", "answer");
      }
      var capabilities =
          "{\"host_functions\": [\"http_request\"], \"http\": [\"* http://127.0.0.2:*\"]}";

      assertThat(result(recorded(program, capabilities, "127.0.0.2:" + server.port())))
          .matches("\"200,error 38 rate_limited: .*; retry after [0-9]+ ms,\"");
      assertThat(server.requests()).hasSize(1);
    }
  }

  private static String authority(RawServer server) {
    return "127.0.0.1:" + server.port();
  }

  /** Records a step, and replays it to the same end. */
  private Recorded recorded(Program program, String capabilities, String input) {
    return recorded(rig.guest(program.handler(), capabilities), input);
  }

  private Recorded recorded(Program program, LimitKind limit, long value, String input) {
    var guest = rig.guest(program.handler(), HTTP);
    var grants = guest.grants().withLimits(Limits.DEFAULTS.with(limit, value));
    return recorded(new Resolved(guest.id(), guest.module(), grants, null), input);
  }

  private Recorded recorded(Resolved guest, String input) {
    var recorded = rig.record(guest, Document.of(input));
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
