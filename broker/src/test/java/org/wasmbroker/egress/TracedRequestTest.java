package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.HttpTrace;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

/** What the trace of a request is told, and what goes on to the server. */
class TracedRequestTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String SPAN = "00-0af7651916cd43dd8448eb211c80319c-00000000000000%02d-01";

  private final List<String> told = new ArrayList<>();

  @Test
  void theRequestCarriesTheContextOfItsOwnSpan() throws Exception {
    try (var rig = new EgressRig(tracing());
        var server = RawServer.responding(HELLO)) {
      rig.guest().replyOf(server.url() + "/a?token=s3cret");

      assertThat(server.requests())
          .singleElement()
          .asString()
          .contains("traceparent: " + SPAN.formatted(1))
          .contains("tracestate: vendor=1");
      assertThat(told)
          .containsExactly(
              "GET http 127.0.0.1 %d http://127.0.0.1:%d/a?REDACTED handlers[0].http[0] 0"
                  .formatted(server.port(), server.port()),
              "200",
              "ended  received all");
    }
  }

  @Test
  void eachRedirectIsARequestOfItsOwnAndItsPathIsNotTold() throws Exception {
    try (var rig = new EgressRig(tracing());
        var server = RawServer.responding(HELLO);
        var first =
            RawServer.responding(
                "HTTP/1.1 302 Found\r\nLocation: "
                    + server.url()
                    + "/t0ken?x=y\r\nContent-Length: 0\r\n\r\n")) {
      rig.guest(EgressRig.grant("* *://*:*", 1)).replyOf(first.url() + "/a");

      assertThat(server.requests())
          .singleElement()
          .asString()
          .contains("traceparent: " + SPAN.formatted(2));
      assertThat(told).hasSize(6);
      assertThat(told.get(3))
          .isEqualTo(
              "GET http 127.0.0.1 %d http://127.0.0.1:%d/?REDACTED handlers[0].http[0] 1"
                  .formatted(server.port(), server.port()));
    }
  }

  @Test
  void aDestinationCanBeLeftWithoutTheContext() throws Exception {
    var grant =
        new DestinationGrant(
            Destination.parse("* *://*:*"),
            Mode.ENFORCE,
            List.of(Network.parse("127.0.0.0/8")),
            0,
            null,
            false,
            "handlers[0].http[0]");
    for (var tracing : List.of(tracing(), Tracing.OFF)) {
      try (var rig = new EgressRig(tracing);
          var server = RawServer.responding(HELLO)) {
        rig.guest(grant).replyOf(server.url() + "/a");
        assertThat(server.requests())
            .singleElement()
            .asString()
            .doesNotContainIgnoringCase("traceparent")
            .doesNotContainIgnoringCase("tracestate");
      }
    }
  }

  @Test
  void aFailureIsToldByItsType() throws Exception {
    try (var rig = new EgressRig(tracing());
        var server = RawServer.responding("nonsense\r\n\r\n")) {
      rig.guest().refusalOf(server.url() + "/a");
      assertThat(told.getLast()).startsWith("ended bad_response");
    }
  }

  private Tracing tracing() {
    return new Tracing() {
      private int spans;

      @Override
      public boolean isOn() {
        return true;
      }

      @Override
      public HttpTrace http(Step step, HttpExchange exchange) {
        told.add(
            "%s %s %s %d %s %s %d"
                .formatted(
                    exchange.method(),
                    exchange.scheme(),
                    exchange.host(),
                    exchange.port(),
                    exchange.url(),
                    exchange.rule(),
                    exchange.redirects()));
        spans++;
        return new Told(SPAN.formatted(spans));
      }
    };
  }

  private final class Told implements HttpTrace {
    private final String span;
    private boolean ended;

    Told(String span) {
      this.span = span;
    }

    @Override
    public TraceContext context(TraceContext step) {
      return new TraceContext(span, "vendor=1");
    }

    @Override
    public void answered(int status) {
      told.add(Integer.toString(status));
    }

    @Override
    public void ended(String failureType, long sentBytes, long receivedBytes) {
      assertThat(ended).isFalse();
      ended = true;
      assertThat(sentBytes).isPositive();
      told.add("ended " + failureType + " received " + (receivedBytes >= 5 ? "all" : "none"));
    }
  }
}
