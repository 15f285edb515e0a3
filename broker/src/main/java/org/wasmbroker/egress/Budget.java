package org.wasmbroker.egress;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;

/** A step's consumption of its HTTP limits, over all its runs. Used by the step's thread. */
final class Budget {
  private final Limits limits;
  private final Consumer<LimitKind> onExceeded;
  private final Set<LimitKind> exceeded = EnumSet.noneOf(LimitKind.class);
  private long calls;
  private long requests;
  private long sent;
  private long received;

  /**
   * @param onExceeded called once for each limit that is exceeded
   */
  Budget(Limits limits, Consumer<LimitKind> onExceeded) {
    this.limits = limits;
    this.onExceeded = onExceeded;
  }

  /** A call counts even if it is refused, since refusing is work, too. */
  void countCall() throws HttpRequestException {
    requireCallLeft();
    calls++;
  }

  /** Refuses if no call is left, before the request is parsed. */
  void requireCallLeft() throws HttpRequestException {
    if (calls >= limits.httpCalls()) {
      throw exceeded(LimitKind.HTTP_CALLS, limits.httpCalls(), calls + 1);
    }
  }

  void countSent(long bytes) throws HttpRequestException {
    if (bytes > limits.httpSentBytes() - sent) {
      throw exceeded(LimitKind.HTTP_SENT, limits.httpSentBytes(), sent + bytes);
    }
    sent += bytes;
    requests++;
  }

  void countReceived(long bytes) throws HttpRequestException {
    if (bytes > remainingReceivable()) {
      throw exceeded(LimitKind.HTTP_RECEIVED, limits.httpReceivedBytes(), received + bytes);
    }
    received += bytes;
  }

  long remainingReceivable() {
    return limits.httpReceivedBytes() - received;
  }

  long requests() {
    return requests;
  }

  long sent() {
    return sent;
  }

  long received() {
    return received;
  }

  private HttpRequestException exceeded(LimitKind limit, long allowed, long requested) {
    if (exceeded.add(limit)) {
      onExceeded.accept(limit);
    }
    return HttpRequestException.of(
        FailureType.BUDGET_EXCEEDED,
        "budget",
        "%s of %d would be exceeded: %d".formatted(limit.key(), allowed, requested));
  }
}
