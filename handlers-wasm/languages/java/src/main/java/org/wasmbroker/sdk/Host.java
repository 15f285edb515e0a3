package org.wasmbroker.sdk;

import java.util.Arrays;
import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.PlatformMarker;
import org.teavm.interop.Platforms;

/**
 * The functions of the broker, or of {@link TestHost} on a JVM. The garbage collector moves
 * objects: an address is only taken as the argument of a call.
 */
final class Host {
  private static final String[] ERRORS = {
    "fault",
    "invalid",
    "too_large",
    "state",
    "denied",
    "not_found",
    "rate_limited",
    "timeout",
    "io",
    "budget"
  };
  private static final int DENIED = -5;

  private Host() {}

  /** Calls whose result is the length of what there is, copied if the array is large enough. */
  private interface Reading {
    int into(byte[] bytes);
  }

  /** TeaVM makes this true. */
  @PlatformMarker(Platforms.WEBASSEMBLY)
  private static boolean isBroker() {
    return false;
  }

  static byte[] readInput() {
    if (!isBroker()) {
      return TestHost.input();
    }
    return read("the input", 4096, bytes -> readInput(Address.ofData(bytes), bytes.length));
  }

  static void writeOutput(byte[] bytes, int from, int to) {
    System.out.write(bytes, from, to - from);
    System.out.flush();
  }

  /** Ends the run as one that has gone wrong. The last line of stderr is in the step's error. */
  static void fail(Throwable cause) {
    if (!isBroker()) {
      throw new IllegalStateException(cause);
    }
    System.err.println(cause);
    exit(1);
  }

  static void log(Log.Level level, String message, String fields) {
    if (!isBroker()) {
      TestHost.log(level, message, fields);
      return;
    }
    var text = Utf8.encode(message);
    var object = Utf8.encode(fields);
    log(level.ordinal(), Address.ofData(text), text.length, Address.ofData(object), object.length);
  }

  static long time(int clock) {
    return isBroker() ? getTime(clock) : TestHost.time(clock);
  }

  static byte[] readSecret(String name) {
    if (!isBroker()) {
      return TestHost.secret(name);
    }
    var text = Utf8.encode(name);
    return read(
        "the secret " + name,
        256,
        bytes ->
            readSecret(Address.ofData(text), text.length, Address.ofData(bytes), bytes.length));
  }

  /** Sends a request and returns the handle of the response. */
  static int send(byte[] document) {
    if (!isBroker()) {
      return TestHost.send(document);
    }
    var handle = http(0, 0, Address.ofData(document), document.length);
    if (handle < 0) {
      throw requestFailure(handle);
    }
    return handle;
  }

  /** The head document of a response. */
  static byte[] head(int handle) {
    if (!isBroker()) {
      return TestHost.head(handle);
    }
    return read(
        "the response", 4096, bytes -> http(1, handle, Address.ofData(bytes), bytes.length));
  }

  /** The next bytes of a body, at most as many as the array has; 0 at its end. */
  static int body(int handle, byte[] into) {
    if (!isBroker()) {
      return TestHost.body(handle, into);
    }
    var read = http(2, handle, Address.ofData(into), into.length);
    if (read < 0) {
      throw requestFailure(read);
    }
    return read;
  }

  static void close(int handle) {
    if (isBroker()) {
      http(3, handle, Address.fromInt(0), 0);
    }
  }

  private static Failure requestFailure(int code) {
    var document =
        read("the request", 1024, bytes -> http(4, 0, Address.ofData(bytes), bytes.length));
    return document.length == 0 ? failure("the request", code) : Failure.of(Json.parse(document));
  }

  private static byte[] read(String what, int first, Reading reading) {
    var bytes = new byte[first];
    while (true) {
      var length = reading.into(bytes);
      if (length < 0) {
        throw failure(what, length);
      }
      if (length <= bytes.length) {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
      }
      bytes = new byte[length];
    }
  }

  static Failure denied(String what) {
    return failure(what, DENIED);
  }

  private static Failure failure(String what, int code) {
    var type = code >= -ERRORS.length ? ERRORS[-code - 1] : "unknown";
    var message = what + ": " + type;
    return type.equals("io") ? Failure.retryable(type, message) : Failure.permanent(type, message);
  }

  @Import(module = "wasm_broker_v1", name = "read_input")
  private static native int readInput(Address into, int capacity);

  @Import(module = "wasm_broker_v1", name = "log")
  private static native int log(
      int level, Address message, int messageLength, Address fields, int fieldsLength);

  @Import(module = "wasm_broker_v1", name = "get_time")
  private static native long getTime(int clock);

  @Import(module = "wasm_broker_v1", name = "http_request")
  private static native int http(int operation, int handle, Address at, int length);

  @Import(module = "wasm_broker_v1", name = "read_secret")
  private static native int readSecret(Address name, int nameLength, Address into, int capacity);

  @Import(module = "wasi_snapshot_preview1", name = "proc_exit")
  private static native void exit(int code);
}
