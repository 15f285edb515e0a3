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
final class HttpFailures {
  private HttpFailures() {}

  static HttpRequestException timedOut(HttpCall call) {
    return HttpRequestException.of(
        FailureType.TIMEOUT,
        "time",
        call.cancellationReason() == null ? "the request's time is over" : "the run was cancelled");
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
        FailureType.CONNECT_FAILED, "closed", "the connection ended before there was an answer");
  }

  private static HttpRequestException notConnected(@Nullable Throwable cause) {
    if (cause instanceof SSLException) {
      return tls();
    }
    return HttpRequestException.of(
        FailureType.CONNECT_FAILED,
        "connect",
        cause instanceof SocketTimeoutException
            ? "the host did not take the connection in time"
            : "the host took no connection");
  }

  private static HttpRequestException tls() {
    return HttpRequestException.of(
            FailureType.CONNECT_FAILED,
            "tls",
            "there is no TLS connection: the host's certificate or protocol is not accepted")
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
                FailureType.BAD_RESPONSE, "closed", "the connection ended within the answer")
            .withRetryable(true)
        : badResponse(failure);
  }

  private static HttpRequestException badResponse(Exception failure) {
    return HttpRequestException.of(
        FailureType.BAD_RESPONSE,
        "response",
        failure instanceof MessageConstraintException
            ? "the answer's head has a line of more than %d bytes or more than %d headers"
                .formatted(ConnectionPool.MAX_HEADER_LINE, ConnectionPool.MAX_HEADERS)
            : failure instanceof MalformedChunkCodingException
                ? "the answer's chunks are malformed"
                : "the answer is no proper HTTP/1.1, or not compressed as it says");
  }
}
