package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.Values.utf8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * {@code wasi:io}: errors, pollables and streams, over {@code fd_read}, {@code fd_write} and {@code
 * poll_oneoff}. Nothing of it blocks but waiting for a clock, so what blocks and what does not are
 * the same.
 */
final class Streams {
  static final String ERROR = "variant{last-operation-failed(own<error>), closed}";

  private static final String STREAMS = "wasi:io/streams";
  private static final String POLL = "wasi:io/poll";

  /** What a stream takes at once, and gives at once at most. */
  private static final int PIECE = 64 << 10;

  /** A list of one range, and where the number of bytes goes; the bytes follow. */
  private static final int HEAD = 16;

  private static final int COUNT = 8;
  private static final int SUBSCRIPTION = 48;
  private static final int EVENT = 32;
  private static final int MAX_SUBSCRIPTIONS = 1024;
  private static final long MONOTONIC = 1;

  private static final Choice CLOSED = Choice.error(Choice.of(1));

  private final ComponentFunctions functions;
  private final Entry read;
  private final Entry write;
  private final Entry poll;

  private Streams(ComponentFunctions functions) {
    this.functions = functions;
    this.read = functions.entry("fd_read");
    this.write = functions.entry("fd_write");
    this.poll = functions.entry("poll_oneoff");
  }

  /** A stream over a descriptor. */
  record Stream(int fd) {}

  /**
   * Something to wait for.
   *
   * @param due in nanoseconds of the monotonic clock; null for what is always ready
   */
  record Pollable(@Nullable Long due) {
    static final Pollable READY = new Pollable(null);
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
          return utf8((String) arguments[0]);
        });
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
          var read = read(call, (Stream) arguments[0], (long) arguments[1]);
          return skips && read.value() instanceof byte[] bytes
              ? Choice.ok((long) bytes.length)
              : read;
        };
    functions.define(STREAMS, "[method]input-stream." + name, type, body);
    functions.define(STREAMS, "[method]input-stream.blocking-" + name, type, body);
  }

  /** The next bytes, or the error. */
  private Choice read(ComponentCall call, Stream stream, long wanted) throws GuestStoppedException {
    int count = (int) (wanted < 0 ? PIECE : Math.min(wanted, PIECE));
    var memory = range(count);
    int errno = (int) call.callOn(memory, read, stream.fd(), 0, 1, COUNT);
    if (errno != 0) {
      return failed(errno);
    }
    int got = ComponentCall.memory(memory).readI32(COUNT);
    return got == 0 && count > 0 ? CLOSED : Choice.ok(Arrays.copyOfRange(memory, HEAD, HEAD + got));
  }

  /** A list of one range that follows it. */
  private static byte[] range(int bytes) {
    var memory = new byte[HEAD + bytes];
    var view = ComponentCall.memory(memory);
    view.writeI32(0, HEAD);
    view.writeI32(4, bytes);
    return memory;
  }

  private static Choice failed(int errno) {
    return Choice.error(new Choice(0, "error " + errno + " of WASI preview 1"));
  }

  private void output() {
    var nothing = "func(borrow<output-stream>) -> result<_, " + ERROR + ">";
    functions.define(
        STREAMS,
        "[method]output-stream.check-write",
        "func(borrow<output-stream>) -> result<u64, " + ERROR + ">",
        (call, _) -> {
          call.count();
          return Choice.ok((long) PIECE);
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
          (call, arguments) -> write(call, (Stream) arguments[0], (Span) arguments[1]));
    }
    for (var name : List.of("write-zeroes", "blocking-write-zeroes-and-flush")) {
      functions.define(
          STREAMS,
          "[method]output-stream." + name,
          "func(borrow<output-stream>, u64) -> result<_, " + ERROR + ">",
          (call, arguments) -> zeroes(call, (Stream) arguments[0], (long) arguments[1]));
    }
    for (var name : List.of("splice", "blocking-splice")) {
      functions.define(
          STREAMS,
          "[method]output-stream." + name,
          "func(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, " + ERROR + ">",
          (call, arguments) ->
              splice(call, (Stream) arguments[0], (Stream) arguments[1], (long) arguments[2]));
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

  private Choice write(ComponentCall call, Stream stream, Span span) throws GuestStoppedException {
    int done = 0;
    do {
      int count = (int) Math.min(PIECE, Integer.toUnsignedLong(span.length() - done));
      var memory = range(count);
      call.guest().memory().readInto(span.offset() + done, memory, HEAD, count);
      int errno = write(call, stream, memory);
      if (errno != 0) {
        return failed(errno);
      }
      done += count;
    } while (done != span.length());
    return Choice.OK;
  }

  private int write(ComponentCall call, Stream stream, byte[] range) throws GuestStoppedException {
    return (int) call.callOn(range, write, stream.fd(), 0, 1, COUNT);
  }

  private Choice zeroes(ComponentCall call, Stream stream, long count)
      throws GuestStoppedException {
    if (count < 0 || count > PIECE) {
      throw call.run().violated("it writes more than check-write allows");
    }
    int errno = write(call, stream, range((int) count));
    return errno == 0 ? Choice.OK : failed(errno);
  }

  private Choice splice(ComponentCall call, Stream to, Stream from, long wanted)
      throws GuestStoppedException {
    var read = read(call, from, wanted);
    if (!(read.value() instanceof byte[] bytes)) {
      return read;
    }
    var memory = range(bytes.length);
    System.arraycopy(bytes, 0, memory, HEAD, bytes.length);
    int errno = write(call, to, memory);
    return errno == 0 ? Choice.ok((long) bytes.length) : failed(errno);
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
    int count = pollables.size();
    int events = count * SUBSCRIPTION;
    int ready = events + count * EVENT;
    var bytes = new byte[ready + Integer.BYTES];
    var memory = ComponentCall.memory(bytes);
    for (int i = 0; i < count; i++) {
      subscribe(memory, i, ((Pollable) pollables.get(i)).due());
    }
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
  private static void subscribe(GuestMemory memory, int place, @Nullable Long due) {
    int at = place * SUBSCRIPTION;
    memory.writeI64(at, place);
    memory.writeI64(at + 16, MONOTONIC);
    memory.writeI64(at + 24, due == null ? 0 : due);
    memory.writeI32(at + 40, 1); // an absolute time
  }
}
