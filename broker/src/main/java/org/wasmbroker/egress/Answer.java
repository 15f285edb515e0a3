package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.HttpAnswer;
import org.wasmbroker.sandbox.RunClock;
import org.wasmbroker.step.Document;

/**
 * An answer whose body is read from the connection as the guest asks for it. It ends once: when it
 * was read to its end, when it fails, when its time is over, or when it is closed.
 */
final class Answer implements HttpAnswer {
  private final Document head;
  private final Exchange exchange;
  private final InputStream raw;
  private final InputStream body;
  private final Budget budget;
  private final HttpCall call;
  private final SentCall sent;
  private @Nullable HttpFailure failure;
  private boolean ended;

  /**
   * @param raw the body as it comes
   * @param body the same, decompressed
   */
  Answer(
      Document head,
      Exchange exchange,
      InputStream raw,
      InputStream body,
      Budget budget,
      HttpCall call,
      SentCall sent) {
    this.head = head;
    this.exchange = exchange;
    this.raw = raw;
    this.body = body;
    this.budget = budget;
    this.call = call;
    this.sent = sent;
  }

  @Override
  public Document head() {
    return head;
  }

  @Override
  public int read(byte[] into, RunClock clock) throws CallRefusedException {
    if (failure != null) {
      throw failure.refusal();
    }
    if (ended || into.length == 0) {
      return 0;
    }
    try {
      return read(into);
    } catch (IOException broken) {
      throw failed(Failures.inTheBody(broken, call));
    } catch (HttpFailure exceeded) {
      throw failed(exceeded);
    }
  }

  /** One byte more than the budget is enough to know that there is more. */
  private int read(byte[] into) throws IOException, HttpFailure {
    int most = (int) Math.min(into.length, budget.leftToReceive() + 1);
    int count = body.read(into, 0, most);
    if (count < 0) {
      wholeBodyRead();
      return 0;
    }
    budget.receive(count);
    sent.received(count);
    return count;
  }

  /** What comes after the end of compressed bytes belongs to nothing. */
  private void wholeBodyRead() throws IOException {
    if (raw.read() < 0) {
      exchange.keep();
    }
    end("");
  }

  private CallRefusedException failed(HttpFailure newFailure) {
    failure = newFailure;
    end(newFailure.type().text());
    return newFailure.refusal();
  }

  @Override
  public void close() {
    end("");
  }

  private void end(String failed) {
    if (!ended) {
      ended = true;
      exchange.discard();
      closeQuietly(body);
      sent.ended(failed);
    }
  }

  /** Nothing but memory is left to be freed, and no connection to fail. */
  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException closed) {
      // the connection is closed already
    }
  }
}
