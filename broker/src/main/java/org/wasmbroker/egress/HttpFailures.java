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
  /** What the HTTP client says of a body that ends behind the data of a chunk. */
  private static final String CUT_BETWEEN_CHUNKS = "CRLF expected at end of chunk";

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
    if (failure instanceof HttpException || failure instanceof MessageConstraintException) {
      return badResponse(failure);
    }
    return closed("the connection was closed before there was a response");
  }

  /** Whether the server has done what was requested is unknown. */
  private static HttpRequestException closed(String message) {
    return HttpRequestException.of(FailureType.BAD_RESPONSE, "closed", message).withRetryable(true);
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
    return isTruncated(failure)
        ? closed("the connection was closed within the response")
        : badResponse(failure);
  }

  private static boolean isTruncated(Exception failure) {
    return failure instanceof ConnectionClosedException
        || failure instanceof TruncatedChunkException
        || failure instanceof EOFException
        || failure instanceof SocketException
        || (failure instanceof MalformedChunkCodingException
            && CUT_BETWEEN_CHUNKS.equals(failure.getMessage()));
  }

  private static HttpRequestException badResponse(Exception failure) {
    return HttpRequestException.of(FailureType.BAD_RESPONSE, "response", problem(failure));
  }

  private static String problem(Exception failure) {
    return switch (failure) {
      case ContentCoding.UnsupportedCodingException _ ->
          "the response has a content coding that was not requested";
      case MessageConstraintException _ ->
          "the response head has a line of more than %d bytes or more than %d headers"
              .formatted(ConnectionPool.MAX_HEADER_LINE, ConnectionPool.MAX_HEADERS);
      case MalformedChunkCodingException _ -> "the response has malformed chunks";
      default -> "the response is not valid HTTP/1.1, or not compressed as declared";
    };
  }
}
