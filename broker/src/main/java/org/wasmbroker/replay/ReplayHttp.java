package org.wasmbroker.replay;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;

/** The recorded responses. Nothing is sent. */
final class ReplayHttp implements GuestHttp {
  private static final String CALLS = "calls";
  private static final Document NONE_LEFT =
      Document.of(
          "{\"type\":\"connection\",\"message\":\"the recording has no response to this request\","
              + "\"retryable\":false,\"sent\":false}");

  private final Answers answers;
  private final ReplaySecrets secrets;
  private final LinkedHashMap<String, Long> used = new LinkedHashMap<>();
  private boolean repeatable = true;

  ReplayHttp(Answers answers, ReplaySecrets secrets) {
    this.answers = answers;
    this.secrets = secrets;
    for (var name : new String[] {CALLS, "bytes_sent", "bytes_received"}) {
      used.put(name, 0L);
    }
  }

  @Override
  public GuestHttpResponse send(byte[] request, @Nullable Document body, RunDeadline clock)
      throws CallRefusedException {
    if (body != null) {
      var masked = secrets.masked(body.bytes());
      var _ =
          answers.take(
              "request body",
              "to send a body of %d bytes, %s".formatted(body.size(), EntryText.text(masked)),
              one -> one instanceof TapeEntry.RequestBody(var known) && known.equals(masked));
    }
    // With its answer, as a value that is filled in counts from the moment of its request.
    var entry =
        answers.take(
            "http",
            "http " + EntryText.text(secrets.masked(request)),
            one -> {
              var known = request(one);
              return known != null && known.equals(secrets.masked(request));
            });
    return switch (entry) {
      case TapeEntry.Sent sent -> {
        secrets.filled(sent.secrets());
        count(sent.used());
        repeatable = sent.repeatable();
        yield new Response(sent.response(), sent.head());
      }
      case TapeEntry.Unanswered none -> {
        secrets.filled(none.secrets());
        count(none.used());
        repeatable = none.repeatable();
        throw new CallRefusedException(none.error(), "", none.document());
      }
      case null, default -> throw new CallRefusedException(AbiError.IO, "", NONE_LEFT);
    };
  }

  private static @Nullable Document request(TapeEntry entry) {
    return switch (entry) {
      case TapeEntry.Sent sent -> sent.request();
      case TapeEntry.Unanswered none -> none.request();
      default -> null;
    };
  }

  private void count(Map<String, Long> more) {
    more.forEach((name, count) -> used.merge(name, count, Long::sum));
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    return used.getOrDefault(CALLS, 0L) == 0
        ? null
        : new CapabilityUsage(Capabilities.HTTP.name(), used);
  }

  @Override
  public boolean isRepeatable() {
    return repeatable;
  }

  @Override
  public void checkpointSaved() {
    repeatable = true;
  }

  private final class Response implements GuestHttpResponse {
    private final int number;
    private final Document head;
    private byte[] rest = {};
    private int at;

    Response(int number, Document head) {
      this.number = number;
      this.head = head;
    }

    @Override
    public Document head() {
      return head;
    }

    @Override
    public int read(byte[] into, RunDeadline clock) throws CallRefusedException {
      if (at == rest.length) {
        rest = next(into.length);
        at = 0;
      }
      int count = Math.min(rest.length - at, into.length);
      System.arraycopy(rest, at, into, 0, count);
      at += count;
      return count;
    }

    /** The next piece that was read; nothing where the recording ends. */
    private byte[] next(int room) throws CallRefusedException {
      Predicate<TapeEntry> matches =
          one ->
              (one instanceof TapeEntry.BodyRead read && read.asked() == room)
                  || (one instanceof TapeEntry.BodyFailed failed && failed.asked() == room);
      var asked = "for up to %d bytes of the body of response %d".formatted(room, number);
      return switch (answers.take(Answers.body(number), asked, matches)) {
        case TapeEntry.BodyRead read -> {
          count(read.used());
          yield read.bytes().bytes();
        }
        case TapeEntry.BodyFailed failed -> {
          count(failed.used());
          throw new CallRefusedException(failed.error(), "", failed.document());
        }
        case null, default -> new byte[0];
      };
    }

    @Override
    public void close() {}
  }
}
