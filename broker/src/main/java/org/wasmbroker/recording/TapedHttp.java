package org.wasmbroker.recording;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.step.Document;

/** Keeps what a step's HTTP client is asked and what it answers. */
final class TapedHttp implements GuestHttp {
  private final GuestHttp http;
  private final Tape tape;
  private final List<Integer> issued;
  private final UsageDelta used;
  private int responses;

  /**
   * @param issued the numbers of the values of secrets that were issued since it was cleared
   */
  TapedHttp(GuestHttp http, Tape tape, List<Integer> issued) {
    this.http = http;
    this.tape = tape;
    this.issued = issued;
    this.used = new UsageDelta(http);
  }

  @Override
  public GuestHttpResponse send(byte[] request, @Nullable Document body, RunDeadline clock)
      throws CallRefusedException {
    if (body != null) {
      tape.add(new TapeEntry.RequestBody(body), body.size());
    }
    issued.clear();
    try {
      var response = http.send(request, body, clock);
      int number = ++responses;
      tape.add(
          new TapeEntry.Sent(
              Document.of(request),
              new ArrayList<>(issued),
              number,
              response.head(),
              http.isRepeatable(),
              used.take()),
          request.length + response.head().size());
      return new TapedResponse(response, number);
    } catch (CallRefusedException refused) {
      tape.add(
          new TapeEntry.Unanswered(
              Document.of(request),
              new ArrayList<>(issued),
              refused.error(),
              refused.document(),
              http.isRepeatable(),
              used.take()),
          request.length + refused.document().size());
      throw refused;
    }
  }

  @Override
  public String redact(String text, boolean truncated) {
    return http.redact(text, truncated);
  }

  private final class TapedResponse implements GuestHttpResponse {
    private final GuestHttpResponse response;
    private final int number;

    TapedResponse(GuestHttpResponse response, int number) {
      this.response = response;
      this.number = number;
    }

    @Override
    public Document head() {
      return response.head();
    }

    @Override
    public int read(byte[] into, RunDeadline clock) throws CallRefusedException {
      try {
        int count = response.read(into, clock);
        var bytes = new byte[count];
        System.arraycopy(into, 0, bytes, 0, count);
        tape.add(
            new TapeEntry.BodyRead(number, into.length, Document.of(bytes), used.take()), count);
        return count;
      } catch (CallRefusedException refused) {
        tape.add(
            new TapeEntry.BodyFailed(
                number, into.length, refused.error(), refused.document(), used.take()),
            refused.document().size());
        throw refused;
      }
    }

    @Override
    public void close() {
      response.close();
    }
  }
}
