package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TraceContext;

class MessageHeadersTest {
  @Test
  void traceContextAndCountsAreReadAmongOtherHeaders() {
    var headers =
        MessageHeaders.of(
            Document.of(
                """
                {"other":{"traceparent":"no"},"traceparent":"00-a-b-01","tracestate":"v=1",
                 "x-wasm-broker-failures":2,"x-wasm-broker-given-back":4,"list":[1]}"""));
    assertThat(headers).isEqualTo(new MessageHeaders(new TraceContext("00-a-b-01", "v=1"), 2, 4));
    assertThat(MessageHeaders.ofResult(headers.trace()))
        .isEqualTo("{\"traceparent\":\"00-a-b-01\",\"tracestate\":\"v=1\"}");
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
        "{\"x-wasm-broker-given-back\":99999999999999999999}",
        "{\"x-wasm-broker-given-back\":1.5}",
      })
  void invalidHeadersAreIgnored(String headers) {
    assertThat(MessageHeaders.of(Document.of(headers))).isEqualTo(MessageHeaders.NONE);
  }
}
