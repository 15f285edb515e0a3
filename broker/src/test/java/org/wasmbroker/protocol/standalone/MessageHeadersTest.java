package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.TraceContext;

class MessageHeadersTest {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void aTraceContextThatIsNotValidIsNone() {
    for (var parent :
        List.of(
            "00-a-b-01", TRACE.replace("00-4", "ff-4"), TRACE + "-00", TRACE.replace('f', 'F'))) {
      var headers =
          MessageHeaders.of(
              Document.of("{\"traceparent\":\"%s\",\"tracestate\":\"v=1\"}".formatted(parent)));
      assertThat(headers.trace()).isEqualTo(TraceContext.NONE);
      assertThat(MessageHeaders.ofResult(headers.trace())).isNull();
    }
  }

  @Test
  void traceContextAndCountsAreReadAmongOtherHeaders() {
    var headers =
        MessageHeaders.of(
            Document.of(
                """
                {"other":{"traceparent":"no"},"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tracestate":"v=1",
                 "x-wasm-broker-failures":2,"x-wasm-broker-started":4,"list":[1]}\
                """));
    assertThat(headers)
        .isEqualTo(
            new MessageHeaders(
                new TraceContext(TRACE, "v=1"), StepOrigin.NONE, 2, true, 4, null, 0));
    assertThat(MessageHeaders.ofResult(headers.trace()))
        .isEqualTo(Document.of("{\"traceparent\":\"" + TRACE + "\",\"tracestate\":\"v=1\"}"));
  }

  @Test
  void aRolloutMayAskForTextHeadersThatAreNotTheBrokers() {
    var headers =
        MessageHeaders.of(
            Document.of(
                """
                {"X-Canary":"1","traceparent":"00-a-b-01","x-wasm-broker-module":"m","n":3,"long":"%s","tier":"gold"}\
                """
                    .formatted("x".repeat(257))));
    assertThat(headers.origin())
        .isEqualTo(new StepOrigin(null, null, Map.of("x-canary", "1", "tier", "gold")));
  }

  @Test
  void manyHeadersAreNotKept() {
    var many =
        IntStream.range(0, 1000)
            .mapToObj(i -> "\"h%d\":\"v\"".formatted(i))
            .collect(Collectors.joining(",", "{", ",\"x-wasm-broker-failures\":7}"));
    var headers = MessageHeaders.of(Document.of(many));
    assertThat(headers.origin().headers()).hasSize(16);
    assertThat(headers.failures()).isEqualTo(7);
  }

  @Test
  void aRetriedStepKeepsTheModuleThatItBeganWith() {
    var module = new ModuleId("transform", "1.3.0-rc.1", Digest.of(new byte[] {1}));
    var claim = new MessageClaim(new Lease(7, 1), false, MessageHeaders.NONE);
    var headers = MessageHeaders.of(Document.of(MessageHeaders.ofRetry(claim, module)));

    assertThat(headers.failures()).isEqualTo(1);
    assertThat(headers.pin()).isEqualTo(ModulePin.of(module, false));
    assertThat(MessageHeaders.ofRetry(claim, null)).isEqualTo("{\"x-wasm-broker-failures\":1}");
  }

  @Test
  void aSuspectThatIsReleasedOrRetriedRemainsOneAlsoIfNoStartOfItIsLost() {
    var suspect = new MessageClaim(new Lease(7, 2), true, MessageHeaders.NONE);
    for (var changes :
        List.of(MessageHeaders.ofRelease(suspect), MessageHeaders.ofRetry(suspect, null))) {
      var later = new MessageClaim(new Lease(7, 3), false, MessageHeaders.of(Document.of(changes)));

      assertThat(later.isSuspect()).as(changes).isTrue();
      assertThat(later.lostStarts()).isZero();
      assertThat(MessageHeaders.ofRelease(later)).isEqualTo("{\"x-wasm-broker-started\":0}");
    }
  }

  @Test
  void aPinThatTheBrokerDidNotWriteIsNone() {
    for (var text : List.of("m", "h@1 sha256:" + "0".repeat(64), "h@1.0.0 sha256:00", "")) {
      var headers =
          MessageHeaders.of(Document.of("{\"x-wasm-broker-module\":\"%s\"}".formatted(text)));
      assertThat(headers.pin()).as(text).isNull();
    }
  }

  @Test
  void missingHeadersAreEmpty() {
    assertThat(MessageHeaders.of(null)).isEqualTo(MessageHeaders.NONE);
    assertThat(MessageHeaders.ofResult(TraceContext.NONE)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "3",
        "\"x\"",
        "{}",
        "{\"traceparent\":7}",
        "{\"tracestate\":\"alone\"}",
        "{\"x-wasm-broker-failures\":\"2\"}",
        "{\"x-wasm-broker-failures\":-2}",
        "{\"x-wasm-broker-failures\":{\"a\":[1]}}",
        "{\"x-wasm-broker-started\":1.5}",
        "{\"x-wasm-broker-started\":-1}",
      })
  void invalidHeadersAreIgnored(String headers) {
    assertThat(MessageHeaders.of(Document.of(headers))).isEqualTo(MessageHeaders.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1000001",
        "2147483646",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999999999"
      })
  void aCountThatCannotBeTheBrokersOwnCountsAsTheHighestOne(String count) {
    var headers = MessageHeaders.of(Document.of("{\"x-wasm-broker-failures\":" + count + "}"));
    assertThat(headers.failures()).isEqualTo(MessageHeaders.MAX_COUNT);
  }

  @Test
  void foreignHeadersOfAnySizeAndDepthDoNotHideTheBrokersOwn() {
    for (var foreign :
        List.of(
            "[".repeat(50_000) + "]".repeat(50_000),
            "1".repeat(100_000),
            "0." + "1".repeat(16_000),
            "\"" + "x".repeat(1 << 20) + "\"")) {
      var headers =
          MessageHeaders.of(Document.of("{\"a\":" + foreign + ",\"x-wasm-broker-failures\":2}"));
      assertThat(headers.failures()).isEqualTo(2);
    }
  }
}
