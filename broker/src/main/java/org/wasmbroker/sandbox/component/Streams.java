package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.Values.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * {@code wasi:io}: errors, pollables over {@code poll_oneoff}, and streams, each over the functions
 * that its kind is over. What blocks and what does not are the same: files and standard streams
 * never block, and the body of a response is waited for when it is read.
 */
final class Streams {
  static final String ERROR = "variant{last-operation-failed(own<error>), closed}";

  private static final String STREAMS = "wasi:io/streams";
  private static final String POLL = "wasi:io/poll";

  private static final int SUBSCRIPTION = 48;
  private static final int EVENT = 32;
  private static final int MAX_SUBSCRIPTIONS = 1024;
  private static final long MONOTONIC = 1;

  private static final Choice CLOSED = Choice.error(Choice.of(1));

  private final ComponentFunctions functions;
  private final Entry poll;

  private Streams(ComponentFunctions functions) {
    this.functions = functions;
    this.poll = functions.entry("poll_oneoff");
  }

  /** Where the bytes of an {@code input-stream} come from. */
  interface Input {
    /**
     * Takes the next bytes.
     *
     * @param count at most so many; not more than {@link Piece#MAX_BYTES}
     * @return ok with a {@code byte[]} that is empty only if none were wanted, or {@link #closed}
     *     or {@link #failed}
     */
    Choice read(ComponentCall call, int count) throws GuestStoppedException;

    /** The guest has it no more. */
    default void drop(ComponentCall call) throws GuestStoppedException {
      call.count();
    }
  }

  /** Where the bytes of an {@code output-stream} go. */
  interface Output {
    /**
     * Writes all bytes of a piece.
     *
     * @return {@link Choice#OK}, or {@link #closed} or {@link #failed}
     */
    Choice write(ComponentCall call, Piece piece) throws GuestStoppedException;

    /** The guest has it no more. */
    default void drop(ComponentCall call) throws GuestStoppedException {
      call.count();
    }
  }

  /**
   * What an {@code error} is.
   *
   * @param file the code of an operation on a file; null of another
   * @param http the {@link HttpErrorCode} of a body; null of another
   */
  record IoError(String text, @Nullable FileErrorCode file, @Nullable Choice http) {}

  /**
   * Something to wait for.
   *
   * @param due in nanoseconds of the monotonic clock; null for what is ready unless it is blocked
   * @param blocked whether it is not ready before the guest does something else than to wait
   */
  record Pollable(@Nullable Long due, BooleanSupplier blocked) {
    static final Pollable READY = new Pollable((Long) null);

    Pollable(@Nullable Long due) {
      this(due, () -> false);
    }

    Pollable(BooleanSupplier blocked) {
      this(null, blocked);
    }
  }

  static void define(ComponentFunctions functions) {
    new Streams(functions).define();
  }

  private void define() {
    functions.define(
        "wasi:io/error",
        "[method]error.to-debug-string",
        "func(borrow<error>) -> string",
        (call, arguments) -> {
          call.count();
          return utf8(((IoError) arguments[0]).text());
        });
    functions.droppers().add("input-stream", (call, stream) -> ((Input) stream).drop(call));
    functions.droppers().add("output-stream", (call, stream) -> ((Output) stream).drop(call));
    input("read");
    input("skip");
    var subscribeInput = "func(borrow<input-stream>) -> own<pollable>";
    functions.define(
        STREAMS, "[method]input-stream.subscribe", subscribeInput, (call, _) -> ready(call));
    output();
    polls();
  }

  private void input(String name) {
    boolean skips = name.equals("skip");
    var type =
        "func(borrow<input-stream>, u64) -> result<"
            + (skips ? "u64" : "list<u8>")
            + ", "
            + ERROR
            + ">";
    ComponentFunction.Body body =
        (call, arguments) -> {
          var read = read(call, (Input) arguments[0], (long) arguments[1]);
          return skips && read.value() instanceof byte[] bytes
              ? Choice.ok((long) bytes.length)
              : read;
        };
    functions.define(STREAMS, "[method]input-stream." + name, type, body);
    functions.define(STREAMS, "[method]input-stream.blocking-" + name, type, body);
  }

  private static Choice read(ComponentCall call, Input stream, long wanted)
      throws GuestStoppedException {
    int count = (int) (wanted < 0 ? Piece.MAX_BYTES : Math.min(wanted, Piece.MAX_BYTES));
    return stream.read(call, count);
  }

  /** What a stream answers that has come to its end. */
  static Choice closed() {
    return CLOSED;
  }

  /** What a stream answers that read as many of the bytes that were wanted; none is its end. */
  static Choice read(byte[] bytes, int wanted) {
    return bytes.length == 0 && wanted > 0 ? CLOSED : Choice.ok(bytes);
  }

  /** What a stream answers if the function that it is over returned an error number. */
  static Choice failed(int errno) {
    var code = FileErrorCode.of(errno);
    return failed(
        new IoError("%s (error %d of WASI preview 1)".formatted(code.text(), errno), code, null));
  }

  /** What a stream answers for which something failed. */
  static Choice failed(IoError error) {
    return Choice.error(new Choice(0, error));
  }

  private void output() {
    var nothing = "func(borrow<output-stream>) -> result<_, " + ERROR + ">";
    functions.define(
        STREAMS,
        "[method]output-stream.check-write",
        "func(borrow<output-stream>) -> result<u64, " + ERROR + ">",
        (call, _) -> {
          call.count();
          return Choice.ok((long) Piece.MAX_BYTES);
        });
    for (var name : List.of("flush", "blocking-flush")) {
      functions.define(
          STREAMS,
          "[method]output-stream." + name,
          nothing,
          (call, _) -> {
            call.count();
            return Choice.OK;
          });
    }
    for (var name : List.of("write", "blocking-write-and-flush")) {
      functions.define(
          STREAMS,
          "[method]output-stream." + name,
          "func(borrow<output-stream>, list<u8>) -> result<_, " + ERROR + ">",
          (call, arguments) -> write(call, (Output) arguments[0], (Span) arguments[1]));
    }
    for (var name : List.of("write-zeroes", "blocking-write-zeroes-and-flush")) {
      functions.define(
          STREAMS,
          "[method]output-stream." + name,
          "func(borrow<output-stream>, u64) -> result<_, " + ERROR + ">",
          (call, arguments) -> zeroes(call, (Output) arguments[0], (long) arguments[1]));
    }
    for (var name : List.of("splice", "blocking-splice")) {
      functions.define(
          STREAMS,
          "[method]output-stream." + name,
          "func(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, " + ERROR + ">",
          (call, arguments) ->
              splice(call, (Output) arguments[0], (Input) arguments[1], (long) arguments[2]));
    }
    functions.define(
        STREAMS,
        "[method]output-stream.subscribe",
        "func(borrow<output-stream>) -> own<pollable>",
        (call, _) -> ready(call));
  }

  private static Pollable ready(ComponentCall call) throws GuestStoppedException {
    call.count();
    return Pollable.READY;
  }

  private static Choice write(ComponentCall call, Output stream, Span span)
      throws GuestStoppedException {
    int done = 0;
    do {
      var piece = Piece.from(call, span, done);
      var written = stream.write(call, piece);
      if (!written.equals(Choice.OK)) {
        return written;
      }
      done += piece.count();
    } while (done != span.length());
    return Choice.OK;
  }

  private static Choice zeroes(ComponentCall call, Output stream, long count)
      throws GuestStoppedException {
    if (count < 0 || count > Piece.MAX_BYTES) {
      throw call.run().violated("it writes more than check-write allows");
    }
    return stream.write(call, new Piece((int) count));
  }

  private static Choice splice(ComponentCall call, Output to, Input from, long wanted)
      throws GuestStoppedException {
    var read = read(call, from, wanted);
    if (!(read.value() instanceof byte[] bytes)) {
      return read;
    }
    var written = to.write(call, Piece.of(bytes));
    return written.equals(Choice.OK) ? Choice.ok((long) bytes.length) : written;
  }

  private void polls() {
    functions.define(
        POLL,
        "[method]pollable.ready",
        "func(borrow<pollable>) -> bool",
        (call, arguments) -> {
          // A clock that is always due makes it a question and no wait.
          var ready = poll(call, List.of(arguments[0], new Pollable(0L)));
          return ready.contains(0L);
        });
    functions.define(
        POLL,
        "[method]pollable.block",
        "func(borrow<pollable>)",
        (call, arguments) -> poll(call, List.of(arguments[0])));
    functions.define(
        POLL,
        "poll",
        "func(list<borrow<pollable>>) -> list<u32>",
        (call, arguments) -> {
          var all = (List<?>) arguments[0];
          if (all.isEmpty() || all.size() > MAX_SUBSCRIPTIONS) {
            throw call.run()
                .violated(
                    "it polls %d pollables, which must be 1 to %d"
                        .formatted(all.size(), MAX_SUBSCRIPTIONS));
          }
          return poll(call, all);
        });
  }

  /** Waits until one is ready; the places of those that are. */
  private List<Long> poll(ComponentCall call, List<?> pollables) throws GuestStoppedException {
    int size = pollables.size();
    var bytes = new byte[size * (SUBSCRIPTION + EVENT) + Integer.BYTES];
    var memory = ComponentCall.memory(bytes);
    int count = 0;
    for (int i = 0; i < size; i++) {
      var pollable = (Pollable) pollables.get(i);
      if (!pollable.blocked().getAsBoolean()) {
        subscribe(memory, count * SUBSCRIPTION, i, pollable.due());
        count++;
      }
    }
    if (count == 0) {
      throw call.run()
          .violated("it waits for a response alone, but has not finished the request's body");
    }
    int events = size * SUBSCRIPTION;
    int ready = events + size * EVENT;
    int errno = (int) call.callOn(bytes, poll, 0, events, count, ready);
    if (errno != 0) {
      throw new IllegalStateException("a poll of clocks failed with error " + errno);
    }
    var places = new ArrayList<Long>();
    for (int i = 0; i < memory.readI32(ready); i++) {
      places.add(memory.readI64(events + i * EVENT));
    }
    return places;
  }

  /** What is always ready is a clock that is due since its beginning. */
  private static void subscribe(GuestMemory memory, int at, int place, @Nullable Long due) {
    memory.writeI64(at, place);
    memory.writeI64(at + 16, MONOTONIC);
    memory.writeI64(at + 24, due == null ? 0 : due);
    memory.writeI32(at + 40, 1); // an absolute time
  }
}
