package org.wasmbroker.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void aValidContextHasItsIds() {
    var context = TraceContext.read(PARENT, "vendor=a:b, other@v=1");

    assertThat(context.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(context.spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(context.isSampled()).isTrue();
    assertThat(context.tracestate()).isEqualTo("vendor=a:b, other@v=1");
    assertThat(TraceContext.read(PARENT.replace("-01", "-00"), null).isSampled()).isFalse();
    assertThat(TraceContext.read(PARENT.replace("-01", "-03"), null).isSampled()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nx: y",
        "00-٤bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      })
  void whatIsNotValidIsNone(String parent) {
    assertThat(TraceContext.read(parent, "v=1")).isEqualTo(TraceContext.NONE);
  }

  @Test
  void aLaterVersionIsReadAsFarAsThisOneGoes() {
    assertThat(TraceContext.read(PARENT.replace("00-4", "01-4") + "-more", null).traceparent())
        .isEqualTo(PARENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"no pair", "a=1,a=2", "A=1", "=1", "a=", "a=b=c", "a=\u00e9", "a=1\r\nx: y", ","})
  void aStateThatIsNotValidIsDroppedAlone(String state) {
    assertThat(TraceContext.read(PARENT, state)).isEqualTo(new TraceContext(PARENT, null));
  }

  @Test
  void aStateIsBounded() {
    var many =
        IntStream.range(0, 33).mapToObj(i -> "k" + i + "=1").collect(Collectors.joining(","));
    assertThat(TraceContext.read(PARENT, many).tracestate()).isNull();
    assertThat(TraceContext.read(PARENT, "a=" + "x".repeat(511)).tracestate()).isNull();
  }

  @Test
  void noContextHasNoIds() {
    assertThat(TraceContext.NONE.traceId()).isNull();
    assertThat(TraceContext.NONE.spanId()).isNull();
    assertThat(TraceContext.NONE.isSampled()).isFalse();
  }
}
