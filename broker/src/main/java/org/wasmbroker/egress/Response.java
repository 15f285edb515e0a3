package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.step.Document;

/**
 * A response whose body is read from the connection on demand. It ends once: when it was read
 * completely, fails, times out or is closed.
 */
final class Response implements GuestHttpResponse {
  private final Document head;
  private final Exchange exchange;
  private final InputStream rawBody;
  private final InputStream body;
  private final Budget budget;
  private final HttpCall call;
  private final CallMetrics metrics;
  private @Nullable HttpRequestException failure;
  private boolean ended;

  /**
   * @param rawBody the body as received
   * @param body the same, decompressed
   */
  Response(
      Document head,
      Exchange exchange,
      InputStream rawBody,
      InputStream body,
      Budget budget,
      HttpCall call,
      CallMetrics metrics) {
    this.head = head;
    this.exchange = exchange;
    this.rawBody = rawBody;
    this.body = body;
    this.budget = budget;
    this.call = call;
    this.metrics = metrics;
  }

  @Override
  public Document head() {
    return head;
  }

  @Override
  public int read(byte[] into, RunDeadline clock) throws CallRefusedException {
    if (failure != null) {
      throw failure.toRefusal();
    }
    if (ended || into.length == 0) {
      return 0;
    }
    try {
      return readPiece(into, clock);
    } catch (IOException broken) {
      throw fail(HttpFailures.inBody(broken, call));
    } catch (HttpRequestException exceeded) {
      throw fail(exceeded);
    }
  }

  /** One byte more than the budget is enough to detect that it is exceeded. */
  private int readPiece(byte[] into, RunDeadline clock) throws IOException, HttpRequestException {
    int limit = (int) Math.min(into.length, budget.remainingReceivable() + 1);
    int count = receive(into, limit, clock);
    if (count < 0) {
      endOfBody(clock);
      return 0;
    }
    budget.countReceived(count);
    metrics.bodyReceived(count);
    return count;
  }

  /** For what has arrived already, the guest does not have to leave its processor. */
  private int receive(byte[] into, int limit, RunDeadline clock) throws IOException {
    int arrived = body.available();
    if (arrived > 0) {
      return body.read(into, 0, Math.min(limit, arrived));
    }
    clock.beginWait();
    try {
      return body.read(into, 0, limit);
    } finally {
      clock.endWait();
    }
  }

  /** A connection is reused only if nothing of the response is left on it. */
  private void endOfBody(RunDeadline clock) throws IOException {
    if (isReadToItsEnd(clock)) {
      exchange.releaseForReuse();
    }
    end("");
  }

  /**
   * What was decompressed has ended, but the server may take its time with the end of what it
   * sends. A body as it was received has been read to its end, and says so at once.
   */
  private boolean isReadToItsEnd(RunDeadline clock) throws IOException {
    if (body.equals(rawBody) || rawBody.available() > 0) {
      return rawBody.read() < 0;
    }
    clock.beginWait();
    try {
      return rawBody.read() < 0;
    } finally {
      clock.endWait();
    }
  }

  private CallRefusedException fail(HttpRequestException newFailure) {
    failure = newFailure.in(call);
    end(newFailure.type().text());
    return failure.toRefusal();
  }

  @Override
  public void close() {
    end("");
  }

  private void end(String failureType) {
    if (!ended) {
      ended = true;
      exchange.discard();
      closeQuietly(body);
      metrics.ended(failureType);
    }
  }

  /** Only memory is left to be freed; the connection cannot fail any more. */
  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException closed) {
      // the connection is closed already
    }
  }
}
