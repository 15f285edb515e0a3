package org.wasmbroker.egress;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.jspecify.annotations.Nullable;

/** What became of a request, said in the words of the ABI. Nothing of the causes' text is. */
final class Failures {
  private Failures() {}

  static HttpFailure over(HttpCall call) {
    return HttpFailure.of(
        FailureType.TIMEOUT,
        "time",
        call.cancelled() == null ? "the request's time is over" : "the run was cancelled");
  }

  static HttpFailure beforeTheHead(Exception failure, HttpCall call) {
    if (call.hasEnded() || call.isOver()) {
      return over(call);
    }
    if (failure instanceof Connections.NotConnectedException unreachable) {
      return notConnected(unreachable.getCause());
    }
    if (failure instanceof SSLException) {
      return tls();
    }
    if (failure instanceof HttpException || failure instanceof MessageConstraintException) {
      return badResponse(failure);
    }
    return HttpFailure.of(
        FailureType.CONNECT_FAILED, "closed", "the connection ended before there was an answer");
  }

  private static HttpFailure notConnected(@Nullable Throwable cause) {
    if (cause instanceof SSLException) {
      return tls();
    }
    return HttpFailure.of(
        FailureType.CONNECT_FAILED,
        "connect",
        cause instanceof SocketTimeoutException
            ? "the host did not take the connection in time"
            : "the host took no connection");
  }

  private static HttpFailure tls() {
    return HttpFailure.of(
            FailureType.CONNECT_FAILED,
            "tls",
            "there is no TLS connection: the host's certificate or protocol is not accepted")
        .retryable(false);
  }

  static HttpFailure inTheBody(Exception failure, HttpCall call) {
    if (call.hasEnded() || call.isOver()) {
      return over(call);
    }
    boolean early =
        failure instanceof ConnectionClosedException
            || failure instanceof TruncatedChunkException
            || failure instanceof EOFException
            || failure instanceof SocketException;
    return early
        ? HttpFailure.of(
                FailureType.BAD_RESPONSE, "closed", "the connection ended within the answer")
            .retryable(true)
        : badResponse(failure);
  }

  private static HttpFailure badResponse(Exception failure) {
    return HttpFailure.of(
        FailureType.BAD_RESPONSE,
        "response",
        failure instanceof MessageConstraintException
            ? "the answer's head has a line of more than %d bytes or more than %d headers"
                .formatted(Connections.HEADER_LINE, Connections.HEADERS)
            : failure instanceof MalformedChunkCodingException
                ? "the answer's chunks are malformed"
                : "the answer is no proper HTTP/1.1, or not compressed as it says");
  }
}
