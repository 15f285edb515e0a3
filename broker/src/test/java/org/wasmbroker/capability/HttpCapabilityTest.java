package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.step.Document;

final class HttpCapabilityTest {
  private static final String HEAD = "{\"status\":200}";
  private static final int SEND = 0;
  private static final int HEAD_OP = 1;
  private static final int BODY = 2;
  private static final int CLOSE = 3;
  private static final int ERROR = 4;
  private static final int BEGIN = 5;
  private static final int WRITE = 6;
  private static final int FINISH = 7;

  private final List<String> sent = new ArrayList<>();
  private final List<FakeResponse> responses = new ArrayList<>();

  @Test
  void aResponseIsReadHeadFirstThenChunkByChunk() throws GuestStoppedException {
    var guest = guest(this::respond);
    int length = guest.put(0, "a request");

    int handle = guest.call("http_request", SEND, 0, 0, length);
    assertThat(handle).isPositive();
    assertThat(sent).containsExactly("a request");
    assertThat(guest.call("http_request", HEAD_OP, handle, 100, 0)).isEqualTo(HEAD.length());
    assertThat(guest.isZero(100, 200)).isTrue();
    assertThat(guest.call("http_request", HEAD_OP, handle, 100, 50)).isEqualTo(HEAD.length());
    assertThat(guest.text(100, HEAD.length())).isEqualTo(HEAD);
    assertThat(guest.call("http_request", BODY, handle, 200, 3)).isEqualTo(3);
    assertThat(guest.text(200, 3)).isEqualTo("bod");
    assertThat(guest.call("http_request", BODY, handle, 200, 3)).isEqualTo(1);
    assertThat(guest.call("http_request", BODY, handle, 200, 3)).isZero();
    assertThat(guest.call("http_request", CLOSE, handle, 0, 0)).isZero();
    assertThat(responses).allMatch(response -> response.closed);
  }

  @Test
  void aChunkIsNoLargerThanTheDocumentedMaximum() throws GuestStoppedException {
    var large = new FakeResponse("x".repeat(100_000));
    var guest = guest((request, body, clock) -> large);
    int handle = guest.call("http_request", SEND, 0, 0, 0);

    assertThat(guest.call("http_request", BODY, handle, 0, HostCallHarness.MEMORY))
        .isEqualTo(65_536);
  }

  @Test
  void aClosedHandleIsUnknownAndIsNotReused() throws GuestStoppedException {
    var guest = guest(this::respond);
    int first = guest.call("http_request", SEND, 0, 0, 0);
    guest.call("http_request", CLOSE, first, 0, 0);

    assertThat(guest.call("http_request", SEND, 0, 0, 0)).isNotEqualTo(first);
    for (int op : new int[] {HEAD_OP, BODY, CLOSE}) {
      assertThat(guest.call("http_request", op, first, 0, 0)).isEqualTo(AbiError.NOT_FOUND.code());
    }
  }

  @Test
  void theNumberOfOpenResponsesIsLimited() throws GuestStoppedException {
    var guest = guest(this::respond);
    for (int i = 0; i < OpenResponses.MAX_OPEN; i++) {
      assertThat(guest.call("http_request", SEND, 0, 0, 0)).isPositive();
    }

    assertThat(guest.call("http_request", SEND, 0, 0, 0)).isEqualTo(AbiError.STATE.code());
    assertThat(sent).hasSize(OpenResponses.MAX_OPEN);
  }

  @Test
  void aBodyIsWrittenInPiecesAndSentWhenItIsFinished() throws GuestStoppedException {
    var guest = guest(this::respond);
    int length = guest.put(0, "a request");
    guest.put(100, "first, second");

    int handle = guest.call("http_request", BEGIN, 0, 0, length);
    assertThat(handle).isPositive();
    assertThat(guest.call("http_request", WRITE, handle, 100, 7)).isZero();
    assertThat(guest.call("http_request", WRITE, handle, 0, 0)).isZero();
    assertThat(guest.call("http_request", WRITE, handle, 107, 6)).isZero();
    assertThat(guest.call("http_request", HEAD_OP, handle, 0, 0))
        .isEqualTo(AbiError.NOT_FOUND.code());
    assertThat(sent).isEmpty();

    assertThat(guest.call("http_request", FINISH, handle, 0, 0)).isEqualTo(handle);
    assertThat(sent).containsExactly("a request with first, second");
    assertThat(guest.call("http_request", HEAD_OP, handle, 200, 50)).isEqualTo(HEAD.length());
    assertThat(guest.call("http_request", WRITE, handle, 100, 7))
        .isEqualTo(AbiError.NOT_FOUND.code());
    assertThat(guest.call("http_request", FINISH, handle, 0, 0))
        .isEqualTo(AbiError.NOT_FOUND.code());
    assertThat(guest.call("http_request", CLOSE, handle, 0, 0)).isZero();
  }

  @Test
  void aRequestThatIsClosedBeforeItsEndIsNotSent() throws GuestStoppedException {
    var guest = guest(this::respond);
    int handle = guest.call("http_request", BEGIN, 0, 0, 0);
    guest.call("http_request", WRITE, handle, 0, 10);

    assertThat(guest.call("http_request", CLOSE, handle, 0, 0)).isZero();
    assertThat(guest.call("http_request", FINISH, handle, 0, 0))
        .isEqualTo(AbiError.NOT_FOUND.code());
    guest.call("http_request", BEGIN, 0, 0, 0);
    guest.finish();
    assertThat(sent).isEmpty();
  }

  @Test
  void requestsThatAreNotSentCountAsOpenAndTogetherHaveAtMostTheBytesOfAStep()
      throws GuestStoppedException {
    var guest = guest(this::respond);
    for (int i = 0; i < OpenResponses.MAX_OPEN; i++) {
      assertThat(guest.call("http_request", BEGIN, 0, 0, 0)).isPositive();
    }
    assertThat(guest.call("http_request", BEGIN, 0, 0, 0)).isEqualTo(AbiError.STATE.code());
    assertThat(guest.call("http_request", SEND, 0, 0, 0)).isEqualTo(AbiError.STATE.code());

    int pieces = (8 << 20) / HostCallHarness.MEMORY;
    for (int i = 0; i < pieces; i++) {
      int handle = 1 + i % OpenResponses.MAX_OPEN;
      assertThat(guest.call("http_request", WRITE, handle, 0, HostCallHarness.MEMORY)).isZero();
    }
    assertThat(guest.call("http_request", WRITE, 1, 0, 1)).isEqualTo(AbiError.BUDGET.code());
    int length = guest.call("http_request", ERROR, 0, 0, 1000);
    assertThat(guest.text(0, length)).contains("budget_exceeded", "limits.http-sent");
    assertThat(guest.call("http_request", CLOSE, 2, 0, 0)).isZero();
    assertThat(guest.call("http_request", WRITE, 1, 0, 1)).isZero();
    assertThat(sent).isEmpty();
  }

  @Test
  void theEndOfARunClosesOpenResponses() throws GuestStoppedException {
    var guest = guest(this::respond);
    guest.call("http_request", SEND, 0, 0, 0);
    guest.finish();

    assertThat(responses).hasSize(1).allMatch(response -> response.closed);
  }

  @Test
  void aRefusalIsACodeAndADocumentThatIsKeptUntilTheNextRefusal() throws GuestStoppedException {
    var guest =
        guest(
            (request, body, clock) -> {
              throw new CallRefusedException(
                  AbiError.RATE_LIMITED, "refused", Document.of("{\"n\":1}"));
            });

    assertThat(guest.call("http_request", ERROR, 0, 0, 10)).isZero();
    assertThat(guest.call("http_request", SEND, 0, 0, 0)).isEqualTo(AbiError.RATE_LIMITED.code());
    assertThat(guest.call("http_request", ERROR, 0, 0, 0)).isEqualTo(7);
    assertThat(guest.call("http_request", ERROR, 0, 30, 7)).isEqualTo(7);
    assertThat(guest.text(30, 7)).isEqualTo("{\"n\":1}");
  }

  @Test
  void aRunCancelledWhileWaitingStopsInsteadOfSeeingATimeout() {
    var cancellation = new Cancellation();
    var guest =
        new HostCallHarness(
            access(
                (request, body, clock) -> {
                  cancellation.request("lease lost");
                  throw new CallRefusedException(AbiError.TIMEOUT, "refused");
                }),
            cancellation);

    assertThatThrownBy(() -> guest.call("http_request", SEND, 0, 0, 0))
        .isInstanceOf(GuestStoppedException.class);
    assertThat(guest.finish()).isInstanceOf(InvocationResult.Cancelled.class);
  }

  @Test
  void withoutAGrantForTheFunctionNothingIsSent() throws GuestStoppedException {
    var guest =
        new HostCallHarness(
            new Access(Capabilities.STANDARD.basicFunctions(), List.of((GuestHttp) this::respond)));

    assertThat(guest.call("http_request", SEND, 0, 0, 0)).isEqualTo(AbiError.DENIED.code());
    assertThat(sent).isEmpty();
  }

  @Test
  void withTheFunctionGrantedButNoDestinationsEveryRequestIsDenied() throws GuestStoppedException {
    var guest = guest(GuestHttp.NONE);

    assertThat(guest.call("http_request", SEND, 0, 0, 0)).isEqualTo(AbiError.DENIED.code());
    assertThat(guest.call("http_request", ERROR, 0, 0, 0)).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 65530, 7, FAULT",
    "0, 0, -1, 1, FAULT",
    "1, 1, 0, -1, FAULT",
    "2, 1, 65536, 1, FAULT",
    "4, 0, 65537, 0, FAULT",
    "5, 1, 0, 0, INVALID",
    "5, 0, 65530, 7, FAULT",
    "6, 1, 0, 0, NOT_FOUND",
    "7, 1, 0, 0, NOT_FOUND",
    "8, 0, 0, 0, INVALID",
    "-1, 0, 0, 0, INVALID",
    "0, 1, 0, 0, INVALID",
    "1, 0, 0, 0, NOT_FOUND",
    "2, -1, 0, 0, NOT_FOUND",
    "3, 7, 0, 0, NOT_FOUND",
  })
  void invalidArgumentsReturnTheirErrorCode(
      int op, int handle, int pointer, int length, AbiError expected) throws GuestStoppedException {
    assertThat(guest(this::respond).call("http_request", op, handle, pointer, length))
        .isEqualTo(expected.code());
    assertThat(sent).isEmpty();
  }

  private GuestHttpResponse respond(byte[] request, @Nullable Document body, RunDeadline clock) {
    var document = new String(request, StandardCharsets.UTF_8);
    sent.add(body == null ? document : document + " with " + body.text());
    var response = new FakeResponse("body");
    responses.add(response);
    return response;
  }

  private static HostCallHarness guest(GuestHttp http) {
    return new HostCallHarness(access(http));
  }

  private static Access access(GuestHttp http) {
    return new Access(Set.copyOf(Capabilities.STANDARD.functionNames()), List.of(http));
  }

  private static final class FakeResponse implements GuestHttpResponse {
    private final byte[] body;
    private int at;
    private boolean closed;

    FakeResponse(String body) {
      this.body = body.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Document head() {
      return Document.of(HEAD);
    }

    @Override
    public int read(byte[] into, RunDeadline clock) {
      int count = Math.min(into.length, body.length - at);
      System.arraycopy(body, at, into, 0, count);
      at += count;
      return count;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
