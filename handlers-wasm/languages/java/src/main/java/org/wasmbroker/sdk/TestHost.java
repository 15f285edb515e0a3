package org.wasmbroker.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Stands in for the broker where a handler runs on a JVM, in unit tests: has the secrets and the
 * responses that a test gives it, and keeps what was logged and sent. Not for several threads.
 */
public final class TestHost {
  private static final long STARTED = System.nanoTime();
  private static final long RUN_NANOS = 10_000_000_000L;

  private static final Map<String, byte[]> SECRETS = new HashMap<>();
  private static final Queue<Answer> ANSWERS = new ArrayDeque<>();
  private static final List<Answer> SENT = new ArrayList<>();
  private static final List<Json> REQUESTS = new ArrayList<>();
  private static final List<String> LINES = new ArrayList<>();

  private TestHost() {}

  /** A response, of which {@code read} bytes of the body were read. */
  private static final class Answer {
    private final int status;
    private final byte[] body;
    private int read;

    private Answer(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }
  }

  /** Forgets everything. */
  public static void reset() {
    SECRETS.clear();
    ANSWERS.clear();
    SENT.clear();
    REQUESTS.clear();
    LINES.clear();
  }

  public static void provideSecret(String name, String value) {
    SECRETS.put(name, value.getBytes(UTF_8));
  }

  /** Provides the response to the next request without one; each answers one request. */
  public static void provideResponse(int status, String body) {
    ANSWERS.add(new Answer(status, body.getBytes(UTF_8)));
  }

  /** The request documents, in their order. */
  public static List<Json> requests() {
    return List.copyOf(REQUESTS);
  }

  /** The lines of the log, each as {@code LEVEL message fields}. */
  public static List<String> lines() {
    return List.copyOf(LINES);
  }

  static byte[] input() {
    throw new IllegalStateException(
        "there is no broker here: a test calls the handler itself, with Step.parse(document)");
  }

  static void log(Log.Level level, String message, String fields) {
    LINES.add((level + " " + message + " " + fields).trim());
  }

  static long time(int clock) {
    var elapsed = System.nanoTime() - STARTED;
    return clock == 1 ? elapsed : RUN_NANOS;
  }

  static byte[] secret(String name) {
    var value = SECRETS.get(name);
    if (value == null) {
      throw Host.denied("the secret " + name);
    }
    return value.clone();
  }

  static int send(byte[] request) {
    REQUESTS.add(Json.parse(request));
    var answer = ANSWERS.poll();
    if (answer == null) {
      throw Failure.permanent("not_allowed", "the test has no response for this request");
    }
    SENT.add(answer);
    return SENT.size();
  }

  static byte[] head(int handle) {
    return Json.object().put("status", SENT.get(handle - 1).status).build().toBytes();
  }

  static int body(int handle, byte[] into) {
    var answer = SENT.get(handle - 1);
    var rest = Arrays.copyOfRange(answer.body, answer.read, answer.body.length);
    var length = Math.min(rest.length, into.length);
    System.arraycopy(rest, 0, into, 0, length);
    answer.read += length;
    return length;
  }
}
