package org.wasmbroker.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.HostAnswer.Refusal;
import org.wasmbroker.testing.HostAnswer.Response;

/**
 * A guest's requests are kept and get answers that are given in advance, as {@code with_answers} of
 * the Rust SDK does it for native handlers. Beyond the last answer they are refused. For one run.
 */
public final class AnsweredHttp implements GuestHttp {
  private static final Refusal NO_ANSWER =
      new Refusal(
          AbiError.BUDGET,
          Document.of(
              "{\"type\":\"budget_exceeded\",\"message\":\"no answer is left\",\"retryable\":false,\"sent\":false}"));

  private final Deque<HostAnswer> answers;
  private final IntUnaryOperator pieces;
  private final List<String> requests = new ArrayList<>();

  /** Gives of a body as much as the guest wants. */
  public AnsweredHttp(List<HostAnswer> answers) {
    this(answers, IntUnaryOperator.identity());
  }

  /**
   * @param pieces how many bytes of a body a guest gets that could have so many: at least 1, and no
   *     more than those
   */
  public AnsweredHttp(List<HostAnswer> answers, IntUnaryOperator pieces) {
    this.answers = new ArrayDeque<>(answers);
    this.pieces = pieces;
  }

  /** The documents of the requests, in their order, as the guest wrote them. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public GuestHttpResponse send(byte[] request, @Nullable Document body, RunDeadline clock)
      throws CallRefusedException {
    if (body != null) {
      throw new AssertionError("no handler of the catalog writes a body in pieces");
    }
    requests.add(Document.of(request).text());
    return switch (answers.isEmpty() ? NO_ANSWER : answers.removeFirst()) {
      case Response response -> new Open(response);
      case Refusal refusal -> throw exception(refusal);
    };
  }

  private static CallRefusedException exception(Refusal refusal) {
    return new CallRefusedException(refusal.error(), "given in advance", refusal.document());
  }

  private final class Open implements GuestHttpResponse {
    private final Response response;
    private int read;

    Open(Response response) {
      this.response = response;
    }

    @Override
    public Document head() {
      return response.head();
    }

    @Override
    public int read(byte[] into, RunDeadline clock) throws CallRefusedException {
      int most = Math.min(into.length, response.body().size() - read);
      if (most == 0) {
        if (response.broken() != null) {
          throw exception(response.broken());
        }
        return 0;
      }
      int count = pieces.applyAsInt(most);
      System.arraycopy(response.body().bytes(), read, into, 0, count);
      read += count;
      return count;
    }

    @Override
    public void close() {}
  }
}
