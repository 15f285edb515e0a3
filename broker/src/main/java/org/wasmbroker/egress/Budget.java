package org.wasmbroker.egress;

import org.wasmbroker.sandbox.Limits;

/** What a step has used of its limits for HTTP, over all its runs. Used by the step's thread. */
final class Budget {
  private final Limits limits;
  private long calls;
  private long requests;
  private long sent;
  private long received;

  Budget(Limits limits) {
    this.limits = limits;
  }

  /** A call counts whether it is allowed or not, since it is work to refuse it. */
  void call() throws HttpFailure {
    if (calls >= limits.httpCalls()) {
      throw exceeded("http-calls", limits.httpCalls(), calls + 1);
    }
    calls++;
  }

  void send(long bytes) throws HttpFailure {
    if (bytes > limits.httpSentBytes() - sent) {
      throw exceeded("http-sent", limits.httpSentBytes(), sent + bytes);
    }
    sent += bytes;
    requests++;
  }

  void receive(long bytes) throws HttpFailure {
    if (bytes > leftToReceive()) {
      throw exceeded("http-received", limits.httpReceivedBytes(), received + bytes);
    }
    received += bytes;
  }

  long leftToReceive() {
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

  private static HttpFailure exceeded(String limit, long allowed, long wanted) {
    return HttpFailure.of(
        FailureType.BUDGET_EXCEEDED,
        "budget",
        "the step's limit %s of %d would be exceeded: %d".formatted(limit, allowed, wanted));
  }
}
