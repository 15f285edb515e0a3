package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.testing.RawServer;

class RequestDocumentTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private final EgressRig rig = new EgressRig();
  private final RawServer server = RawServer.responding(HELLO);

  @AfterEach
  void close() {
    server.close();
    rig.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000000", "2147483648", "99999999999", "18446744073709551615"})
  void aTimeoutOfAnySizeIsCappedByTheLimits(String millis) throws Exception {
    var document = "{\"url\":\"%s\",\"timeout_ms\":%s}".formatted(server.url(), millis);

    assertThat(rig.guest().reply(document).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "1",
        "'x'",
        "\uFEFF{'url':'U'}",
        "{}",
        "{'url':1}",
        "{'url':null}",
        "{'url':['U']}",
        "{'url':'U','url':'U'}",
        "{'url':'U'} x",
        "{'url':'U','uri':'U'}",
        "{'url':'U','timeout_ms':1e88888888888}",
        "{'url':'U','body':{'json':1e-88888888888}}",
        "{'url':'U','method':'get'}",
        "{'url':'U','method':''}",
        "{'url':'U','method':1}",
        "{'url':'U','method':'GET '}",
        "{'url':'U','method':'GET / HTTP/1.1\\r\\nX:'}",
        "{'url':'U','method':'CONNECT'}",
        "{'url':'U','method':'TRACE'}",
        "{'url':'U','headers':[]}",
        "{'url':'U','headers':{'a':1}}",
        "{'url':'U','headers':{'a':null}}",
        "{'url':'U','headers':{'a':{'b':'c'}}}",
        "{'url':'U','headers':{'a':['b',1]}}",
        "{'url':'U','query':'a=b'}",
        "{'url':'U','query':{'a':true}}",
        "{'url':'U','body':'x'}",
        "{'url':'U','body':{}}",
        "{'url':'U','body':{'text':'x','json':1}}",
        "{'url':'U','body':{'text':1}}",
        "{'url':'U','body':{'base64':'?'}}",
        "{'url':'U','body':{'file':'/etc/passwd'}}",
        "{'url':'U','timeout_ms':0}",
        "{'url':'U','timeout_ms':-1}",
        "{'url':'U','timeout_ms':1.5}",
        "{'url':'U','timeout_ms':'1'}",
        "{'url':'U','idempotency_key':'x'}",
        "{'url':'U','idempotency_key':1}",
        "{'url':'U','idempotency_key':true,'headers':{'Idempotency-Key':'x'}}",
      })
  void aDocumentThatViolatesTheAbiIsRefused(String document) {
    var refusal = rig.guest().refusal(document.replace('\'', '"').replace("U", server.url()));

    assertThat(refusal.error()).isEqualTo("INVALID");
    assertThat(refusal.type()).isEqualTo("bad_request");
    assertThat(server.accepted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "host",
        "HOST",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "TE",
        "Trailer",
        "Expect",
        "Via",
        "Proxy-Authorization",
        "Proxy-Connection",
        "proxy-anything",
        "HTTP2-Settings",
        "traceparent",
        "tracestate",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "",
        " ",
        "a b",
        "a:",
        ":a",
        "a\\r\\nb",
        "a\\u0000",
        "é",
        "Host ",
        "a\\tb",
        "a(b)",
        "Content-Length\\u00a0"
      })
  void aReservedHeaderIsRefused(String name) {
    var refusal =
        rig.guest()
            .refusal("{\"url\":\"%s\",\"headers\":{\"%s\":\"x\"}}".formatted(server.url(), name));

    assertThat(refusal.type()).isEqualTo("bad_request");
    assertThat(server.accepted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\\r\\nHost: evil",
        "a\\nb",
        "a\\rb",
        "\\u0000",
        "a\\u0001",
        "a\\u007f",
        "é",
        "\\u0085",
        "\\u2028",
        "\\ud800",
        "嘊嘍Host: evil"
      })
  void aHeaderValueWithNonVisibleCharactersIsRefused(String value) {
    var refusal =
        rig.guest()
            .refusal("{\"url\":\"%s\",\"headers\":{\"X\":\"%s\"}}".formatted(server.url(), value));

    assertThat(refusal.type()).isEqualTo("bad_request");
    assertThat(server.accepted()).isZero();
  }

  @Test
  void headersAreLimitedInNumberAndSize() {
    var many = new StringBuilder();
    for (int i = 0; i < 65; i++) {
      many.append(i == 0 ? "" : ",").append("\"x%d\":\"y\"".formatted(i));
    }

    assertThat(headers(many.toString()).message()).contains("64 headers");
    assertThat(headers("\"x\":\"" + "y".repeat(8193) + "\"").message()).contains("8192 bytes");
    assertThat(
            headers(
                    "\"x\":["
                        + ("\"" + "y".repeat(8000) + "\",").repeat(4)
                        + "\""
                        + "y".repeat(1000)
                        + "\"]")
                .message())
        .contains("32768 bytes");
    assertThat(headers("\"" + "x".repeat(101) + "\":\"\"").message())
        .contains("not a valid header name");
  }

  private EgressRig.Refusal headers(String headers) {
    return rig.guest()
        .refusal("{\"url\":\"%s\",\"headers\":{%s}}".formatted(server.url(), headers));
  }

  @Test
  void deeplyNestedDocumentsAreRefused() {
    var refusal =
        rig.guest()
            .refusal(
                "{\"url\":\"%s\",\"body\":{\"json\":%s}}"
                    .formatted(server.url(), "[".repeat(100_000) + "]".repeat(100_000)));

    assertThat(refusal.type()).isEqualTo("bad_request");
  }

  @Test
  void aRequestBeyondTheStepsCallLimitIsRefused() throws Exception {
    var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_CALLS, 2));
    guest.replyOf(server.url());
    guest.replyOf(server.url());

    var refusal = guest.refusalOf(server.url());

    assertThat(refusal.error()).isEqualTo("BUDGET");
    assertThat(refusal.message()).contains("http-calls").contains("2");
    assertThat(server.requests()).hasSize(2);
    assertThat(guest.http.requests()).isEqualTo(2);
    assertThat(rig.reported).contains("limit http_calls");
  }

  @Test
  void withoutACallLeftTheRequestIsNotParsed() throws Exception {
    var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_CALLS, 1));
    guest.replyOf(server.url());

    assertThat(guest.refusal("no JSON").error()).isEqualTo("BUDGET");
  }

  @Test
  void aTenThousandCallLoopSendsNoMoreThanTheLimit() {
    var guest = rig.guest();
    for (int i = 0; i < 10_000; i++) {
      try {
        guest.replyOf(server.url());
      } catch (org.wasmbroker.sandbox.CallRefusedException beyond) {
        assertThat(beyond.error().name()).isEqualTo("BUDGET");
      }
    }

    assertThat(server.requests()).hasSize(100);
    assertThat(rig.reported).filteredOn("limit http_calls"::equals).hasSize(1);
  }

  @Test
  void aRequestBeyondTheStepsByteLimitIsNotSent() {
    var guest = rig.guest(EgressRig.limits(LimitKind.HTTP_SENT, 1000));

    var refusal =
        guest.refusal(
            "{\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"text\":\"%s\"}}"
                .formatted(server.url(), "x".repeat(1000)));

    assertThat(refusal.type()).isEqualTo("budget_exceeded");
    assertThat(refusal.message()).contains("http-sent");
    assertThat(rig.reported).contains("limit http_sent");
    assertThat(server.accepted()).isZero();
    assertThat(guest.http.sentBytes()).isZero();
  }

  @Test
  void aRefusalDoesNotQuoteTheQuery() {
    var refusal = rig.guest().refusalOf("http://10.0.0.1/?token=hunter2");

    assertThat(refusal.message()).doesNotContain("hunter2", "token");
  }
}
