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

/** Maps exceptions to failures of the ABI. Nothing of the exceptions' text gets into them. */
final class HttpFailures {
  private HttpFailures() {}

  static HttpRequestException timedOut(HttpCall call) {
    return HttpRequestException.of(
        FailureType.TIMEOUT,
        "time",
        call.cancellationReason() == null ? "the request timed out" : "the run was cancelled");
  }

  static HttpRequestException beforeResponse(Exception failure, HttpCall call) {
    if (call.isAborted() || call.isExpired()) {
      return timedOut(call);
    }
    if (failure instanceof ConnectionPool.NotConnectedException unreachable) {
      return notConnected(unreachable.getCause());
    }
    if (failure instanceof SSLException) {
      return tls();
    }
    if (failure instanceof HttpException || failure instanceof MessageConstraintException) {
      return badResponse(failure);
    }
    return HttpRequestException.of(
        FailureType.CONNECT_FAILED,
        "closed",
        "the connection was closed before there was a response");
  }

  private static HttpRequestException notConnected(@Nullable Throwable cause) {
    if (cause instanceof SSLException) {
      return tls();
    }
    return HttpRequestException.of(
        FailureType.CONNECT_FAILED,
        "connect",
        cause instanceof SocketTimeoutException
            ? "the connection to the host timed out"
            : "the host refused the connection");
  }

  private static HttpRequestException tls() {
    return HttpRequestException.of(
            FailureType.CONNECT_FAILED,
            "tls",
            "the TLS handshake failed: the host's certificate or protocol is not accepted")
        .withRetryable(false);
  }

  static HttpRequestException inBody(Exception failure, HttpCall call) {
    if (call.isAborted() || call.isExpired()) {
      return timedOut(call);
    }
    boolean truncated =
        failure instanceof ConnectionClosedException
            || failure instanceof TruncatedChunkException
            || failure instanceof EOFException
            || failure instanceof SocketException;
    return truncated
        ? HttpRequestException.of(
                FailureType.BAD_RESPONSE, "closed", "the connection was closed within the response")
            .withRetryable(true)
        : badResponse(failure);
  }

  private static HttpRequestException badResponse(Exception failure) {
    return HttpRequestException.of(
        FailureType.BAD_RESPONSE,
        "response",
        failure instanceof MessageConstraintException
            ? "the response head has a line of more than %d bytes or more than %d headers"
                .formatted(ConnectionPool.MAX_HEADER_LINE, ConnectionPool.MAX_HEADERS)
            : failure instanceof MalformedChunkCodingException
                ? "the response has malformed chunks"
                : "the response is not valid HTTP/1.1, or not compressed as declared");
  }
}
