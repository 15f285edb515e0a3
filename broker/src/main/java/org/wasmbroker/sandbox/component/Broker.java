package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.Values.utf8;

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
final class Broker {
  /** The error codes but {@code FAULT}, which no component can cause. */
  static final String ERROR_CODE =
      "enum{invalid, too-large, state, denied, not-found, rate-limited, timeout, io, budget}";

  private static final String PACKAGE = "wasm-broker:handler/";
  private static final String LEVEL = "enum{trace, debug, info, warn, error}";
  private static final String RESPONSE = "response";

  private static final String LOG = "log";
  private static final String GET_TIME = "get_time";
  private static final String READ_SECRET = "read_secret";
  private static final String HTTP_REQUEST = "http_request";
  private static final String CACHE_GET = "cache_get";
  private static final String CACHE_PUT = "cache_put";
  private static final String CACHE_DELETE = "cache_delete";

  /** Enough for nearly every secret and most values of a cache; for a larger one is asked again. */
  private static final int FIRST_BUFFER = 4 << 10;

  private static final int PIECE = 64 << 10;

  // What http_request does, as docs/guest-abi.md numbers it.
  private static final int SEND = 0;
  private static final int HEAD = 1;
  private static final int BODY = 2;
  private static final int CLOSE = 3;
  private static final int ERROR = 4;
  private static final int BEGIN = 5;
  private static final int WRITE = 6;
  private static final int FINISH = 7;

  private final ComponentFunctions functions;

  private Broker(ComponentFunctions functions) {
    this.functions = functions;
  }

  /** Whether the table has what these interfaces need; that of a test may have others. */
  static boolean isIn(Set<String> names) {
    return names.containsAll(
        Set.of(LOG, GET_TIME, READ_SECRET, HTTP_REQUEST, CACHE_GET, CACHE_PUT, CACHE_DELETE));
  }

  static void define(ComponentFunctions functions) {
    new Broker(functions).define();
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

  /**
   * Calls a function that takes a range and fills a buffer: the first two and the last two of its
   * four parameters.
   *
   * @return the bytes, or the error
   */
  private static Choice filled(ComponentCall call, Entry entry, Span given)
      throws GuestStoppedException {
    // Longer ones are refused before they are looked at.
    int length = (int) Math.min(Integer.toUnsignedLong(given.length()), PIECE);
    int room = FIRST_BUFFER;
    while (true) {
      var memory = new byte[length + room];
      call.guest().memory().readInto(given.offset(), memory, 0, length);
      int result = (int) call.callOn(memory, entry, 0, length, length, room);
      if (result < 0) {
        return error(result);
      }
      if (result <= room) {
        return Choice.ok(Arrays.copyOfRange(memory, length, length + result));
      }
      room = result;
    }
  }

  private void http() {
    var http = functions.entry(HTTP_REQUEST);
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
                  : (int) call.call(http, SEND, 0, request.offset(), request.length());
          return result < 0
              ? Choice.error(new Object[] {error(result).value(), document(call, http, ERROR, 0)})
              : Choice.ok(result);
        },
        HTTP_REQUEST);
    functions.define(
        PACKAGE + "http",
        "[method]response.head",
        "func(borrow<response>) -> string",
        (call, arguments) -> document(call, http, HEAD, (int) arguments[0]),
        HTTP_REQUEST);
    functions.define(
        PACKAGE + "http",
        "[method]response.read",
        "func(borrow<response>, u32) -> result<list<u8>, " + ERROR_CODE + ">",
        (call, arguments) -> {
          var piece = new byte[(int) Math.min(PIECE, (long) arguments[1])];
          int result = (int) call.callOn(piece, http, BODY, (int) arguments[0], 0, piece.length);
          return result < 0 ? error(result) : Choice.ok(Arrays.copyOf(piece, result));
        },
        HTTP_REQUEST);
    functions
        .droppers()
        .add(RESPONSE, (call, response) -> call.call(http, CLOSE, (int) response, 0, 0));
  }

  private static int sendWithBody(ComponentCall call, Entry http, Span request, Span body)
      throws GuestStoppedException {
    int handle = (int) call.call(http, BEGIN, 0, request.offset(), request.length());
    if (handle < 0) {
      return handle;
    }
    int written = (int) call.call(http, WRITE, handle, body.offset(), body.length());
    if (written < 0) {
      call.call(http, CLOSE, handle, 0, 0);
      return written;
    }
    return (int) call.call(http, FINISH, handle, 0, 0);
  }

  /** A document of the response, or that of the last error. */
  private static byte[] document(ComponentCall call, Entry http, int operation, int handle)
      throws GuestStoppedException {
    var document = new byte[FIRST_BUFFER];
    while (true) {
      int result = (int) call.callOn(document, http, operation, handle, 0, document.length);
      if (result < 0) {
        return utf8("");
      }
      if (result <= document.length) {
        return Arrays.copyOf(document, result);
      }
      document = new byte[result];
    }
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
