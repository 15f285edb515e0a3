package org.wasmbroker.sandbox.component;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * The interfaces of the package {@code wasm-broker:handler}: log, time, http, secrets, cache. What
 * each function does, and its errors, is what the function of ABI v1 does that it calls.
 */
final class HandlerInterfaces {
  /** The error codes but {@code FAULT}, which no component can cause. */
  static final String ERROR_CODE =
      "enum{invalid, too-large, state, denied, not-found, rate-limited, timeout, io, budget}";

  private static final String PACKAGE = "wasm-broker:handler/";
  private static final String LEVEL = "enum{trace, debug, info, warn, error}";
  private static final String RESPONSE = "response";

  private static final String LOG = "log";
  private static final String GET_TIME = "get_time";
  private static final String READ_SECRET = "read_secret";
  private static final String CACHE_GET = "cache_get";
  private static final String CACHE_PUT = "cache_put";
  private static final String CACHE_DELETE = "cache_delete";

  /** Enough for nearly every secret and most values of a cache; for a larger one is asked again. */
  private static final int FIRST_BUFFER = 4 << 10;

  /** What one call gives of a body at most. */
  private static final int MAX_PIECE = 64 << 10;

  /** Longer names and keys than any function takes. */
  private static final int MAX_GIVEN = 64 << 10;

  private final ComponentFunctions functions;

  private HandlerInterfaces(ComponentFunctions functions) {
    this.functions = functions;
  }

  /** Whether the table has what these interfaces need; that of a test may have others. */
  static boolean isIn(Set<String> names) {
    return names.containsAll(
        Set.of(LOG, GET_TIME, READ_SECRET, HttpEntry.NAME, CACHE_GET, CACHE_PUT, CACHE_DELETE));
  }

  static void define(ComponentFunctions functions) {
    new HandlerInterfaces(functions).define();
  }

  private void define() {
    var log = functions.entry(LOG);
    functions.define(
        PACKAGE + "log",
        "log",
        "func(" + LEVEL + ", string, option<string>)",
        (call, arguments) -> log(call, log, arguments),
        LOG);
    time("now", 0);
    time("elapsed", 1);
    time("remaining", 2);
    secrets();
    cache();
    http();
  }

  private static Object log(ComponentCall call, Entry log, Object[] arguments) {
    var message = (Span) arguments[1];
    var fields = ((Choice) arguments[2]).value() instanceof Span given ? given : new Span(0, 0);
    call.call(
        log,
        ((Choice) arguments[0]).index(),
        message.offset(),
        message.length(),
        fields.offset(),
        fields.length());
    return Choice.NONE;
  }

  private void time(String name, int clock) {
    var time = functions.entry(GET_TIME);
    functions.define(
        PACKAGE + "time",
        name,
        "func() -> u64",
        (call, _) -> {
          long nanos = call.call(time, clock);
          if (nanos == AbiError.DENIED.code()) {
            throw call.run().violated("the function get_time is not granted");
          }
          return nanos;
        },
        GET_TIME);
  }

  private void secrets() {
    var read = functions.entry(READ_SECRET);
    functions.define(
        PACKAGE + "secrets",
        "read",
        "func(string) -> result<string, " + ERROR_CODE + ">",
        (call, arguments) -> {
          var answer = filled(call, read, (Span) arguments[0]);
          return answer.value() instanceof byte[] value && !isUtf8(value)
              ? error(AbiError.INVALID.code())
              : answer;
        },
        READ_SECRET);
  }

  private void cache() {
    var get = functions.entry(CACHE_GET);
    var put = functions.entry(CACHE_PUT);
    var delete = functions.entry(CACHE_DELETE);
    functions.define(
        PACKAGE + "cache",
        "get",
        "func(string) -> result<option<list<u8>>, " + ERROR_CODE + ">",
        (call, arguments) -> {
          var answer = filled(call, get, (Span) arguments[0]);
          if (answer.value() instanceof byte[] value) {
            return Choice.ok(Choice.some(value));
          }
          return answer.equals(error(AbiError.NOT_FOUND.code())) ? Choice.ok(Choice.NONE) : answer;
        },
        CACHE_GET);
    functions.define(
        PACKAGE + "cache",
        "put",
        "func(string, list<u8>, u64) -> result<_, " + ERROR_CODE + ">",
        (call, arguments) -> {
          var key = (Span) arguments[0];
          var value = (Span) arguments[1];
          long result =
              call.call(
                  put,
                  key.offset(),
                  key.length(),
                  value.offset(),
                  value.length(),
                  unsigned((long) arguments[2]));
          return result < 0 ? error(result) : Choice.OK;
        },
        CACHE_PUT);
    functions.define(
        PACKAGE + "cache",
        "delete",
        "func(string) -> result<bool, " + ERROR_CODE + ">",
        (call, arguments) -> {
          var key = (Span) arguments[0];
          int result = (int) call.call(delete, key.offset(), key.length());
          return result < 0 ? error(result) : Choice.ok(result == 1);
        },
        CACHE_DELETE);
  }

  /** Calls a function with a range of the guest's memory and room for what it answers. */
  private static Choice filled(ComponentCall call, Entry entry, Span given)
      throws GuestStoppedException {
    // Longer ones are refused before they are looked at.
    int length = (int) Math.min(Integer.toUnsignedLong(given.length()), MAX_GIVEN);
    var bytes = call.guest().memory().read(given.offset(), length);
    return filled(bytes, (memory, at, room) -> call.callOn(memory, entry, 0, length, at, room));
  }

  /** A function that fills a buffer if it is large enough, and says how large it must be. */
  @FunctionalInterface
  interface Filler {
    /**
     * @param memory what is given, and after that the room for the answer
     * @return the size of the answer, or an error code
     */
    long fill(byte[] memory, int at, int room) throws GuestStoppedException;
  }

  /**
   * Calls a function with bytes and room for what it answers, and again if that was too little.
   *
   * @return the answer, or the error
   */
  static Choice filled(byte[] given, Filler filler) throws GuestStoppedException {
    int room = FIRST_BUFFER;
    while (true) {
      var memory = Arrays.copyOf(given, given.length + room);
      int result = (int) filler.fill(memory, given.length, room);
      if (result < 0) {
        return error(result);
      }
      if (result <= room) {
        return Choice.ok(Arrays.copyOfRange(memory, given.length, given.length + result));
      }
      room = result;
    }
  }

  private void http() {
    var http = new HttpEntry(functions);
    functions.define(
        PACKAGE + "http",
        "send",
        "func(string, option<list<u8>>) -> result<own<response>, record{code: "
            + ERROR_CODE
            + ", document: string}>",
        (call, arguments) -> {
          var request = (Span) arguments[0];
          int result =
              ((Choice) arguments[1]).value() instanceof Span body
                  ? sendWithBody(call, http, request, body)
                  : http.send(call, request);
          return result < 0
              ? Choice.error(new Object[] {error(result).value(), http.lastError(call)})
              : Choice.ok(result);
        },
        HttpEntry.NAME);
    functions.define(
        PACKAGE + "http",
        "[method]response.head",
        "func(borrow<response>) -> string",
        (call, arguments) -> http.head(call, (int) arguments[0]),
        HttpEntry.NAME);
    functions.define(
        PACKAGE + "http",
        "[method]response.read",
        "func(borrow<response>, u32) -> result<list<u8>, " + ERROR_CODE + ">",
        (call, arguments) -> {
          var piece = new byte[(int) Math.min(MAX_PIECE, (long) arguments[1])];
          int result = http.body(call, (int) arguments[0], piece);
          return result < 0 ? error(result) : Choice.ok(Arrays.copyOf(piece, result));
        },
        HttpEntry.NAME);
    functions.droppers().add(RESPONSE, (call, response) -> http.close(call, (int) response));
  }

  private static int sendWithBody(ComponentCall call, HttpEntry http, Span request, Span body)
      throws GuestStoppedException {
    int handle = http.begin(call, request);
    if (handle < 0) {
      return handle;
    }
    int written = http.write(call, handle, body);
    if (written < 0) {
      http.close(call, handle);
      return written;
    }
    return http.finish(call, handle);
  }

  private static long unsigned(long number) {
    return number < 0 ? Long.MAX_VALUE : number;
  }

  /** An error code of ABI v1 as a case of {@link #ERROR_CODE}. */
  static Choice error(long code) {
    int index = (int) (AbiError.INVALID.code() - code);
    if (index < 0) {
      throw new IllegalStateException("a checked range is said to be outside of the memory");
    }
    return Choice.error(Choice.of(index));
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }
}
