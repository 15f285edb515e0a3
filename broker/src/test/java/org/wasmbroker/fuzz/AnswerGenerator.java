package org.wasmbroker.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.HostAnswer;
import org.wasmbroker.testing.HostAnswer.Refusal;
import org.wasmbroker.testing.HostAnswer.Response;
import org.wasmbroker.testing.RecordedCases;
import org.wasmbroker.testing.RecordedCases.Case;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers of a host to the requests of a handler: responses like those of the servers in recorded
 * cases, with other statuses, headers and bodies at which programs go wrong, some of which break
 * off, and refusals of every type. The same seed gives the same answers.
 */
final class AnswerGenerator {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final List<Integer> STATUSES =
      List.of(200, 201, 202, 204, 206, 299, 300, 301, 304, 400, 401, 404, 409, 418, 429);
  private static final List<Integer> ODD_STATUSES =
      List.of(500, 502, 503, 504, 599, 600, 100, 99, 0, 999, 65_535, 65_536, -1);

  private static final List<String> CONTENT_TYPES =
      List.of(
          "application/json",
          "Application/JSON; charset=UTF-8",
          "application/problem+json;charset=\"utf-8\"",
          "application/json; charset=utf-16",
          "application/json; charset=iso-8859-1",
          "application/json; charset=utf-7",
          "text/plain",
          "text/plain; charset=windows-1252",
          "text/html; charset=UTF-16BE",
          "text/csv; charset=shift_jis",
          "application/atom+xml",
          "application/x-www-form-urlencoded",
          "application/x-ndjson",
          "application/octet-stream",
          "image/png; charset=utf-8",
          "",
          ";",
          "; charset=utf-8",
          "text/plain; charset",
          "text/plain; charset=",
          "json",
          "ß/ſ; CHARſET=UTF-8");

  private static final List<String> DATES =
      List.of(
          "Sun, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:50:07 GMT",
          "Sunday, 06-Nov-94 08:49:38 GMT",
          "Sun Nov  6 08:49:39 1994",
          "Fri, 31 Dec 9999 23:59:59 GMT",
          "Sat, 01 Jan 0000 00:00:00 GMT",
          "Mon, 06 Nov 1994 08:49:37 GMT",
          "Sun, 30 Feb 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 23:59:60 GMT",
          "Sun, 06 Nov 1994 08:49:37 +0100",
          "Sun, 06 Nov 99999 08:49:37 GMT",
          "06 Nov 1994",
          "",
          "soon");

  private static final List<String> WAITS =
      List.of(
          "0",
          "7",
          " 120 ",
          "-1",
          "+7",
          "1.5",
          "1e3",
          "0x10",
          "007",
          "٣",
          "31536001",
          "18446744073709551615",
          "18446744073709551616",
          "99999999999999999999999999");

  private static final List<String> HEADERS =
      List.of(
          "x-message-id",
          "X-Upper",
          "connection",
          "content-length",
          "content-encoding",
          "set-cookie",
          "etag",
          "10",
          "9",
          "é",
          "");

  private static final List<String> TEXTS =
      List.of(
          "",
          "ok",
          " ok\n",
          "invalid_token",
          "s3cr3t {{secret:TOKEN}}",
          "\u0000\u0001\u007f\u0085\u2028",
          "ß\u0130ſ\u1e9e e\u0301",
          "\ud83d\udc69\u200d\ud83d\udcbb",
          "\"\\\n\t/",
          "latency_ms\":1");

  /** Waits in error documents, as JSON. */
  private static final List<String> WAITS_MS =
      List.of("0", "700", "-1", "1.5", "1e3", "9223372036854775807", "1e30", "null", "\"soon\"");

  /** The table of docs/guest-abi.md. */
  private static final Map<String, AbiError> ERRORS =
      Map.of(
          "bad_request", AbiError.INVALID,
          "not_allowed", AbiError.DENIED,
          "secret_in_output", AbiError.DENIED,
          "rate_limited", AbiError.RATE_LIMITED,
          "timeout", AbiError.TIMEOUT,
          "connect_failed", AbiError.IO,
          "bad_response", AbiError.IO,
          "budget_exceeded", AbiError.BUDGET);

  private static final List<String> ERROR_TYPES = ERRORS.keySet().stream().sorted().toList();

  /** Documents that no host should write. */
  private static final List<String> ODD_DOCUMENTS =
      List.of(
          "",
          " ",
          "null",
          "[]",
          "{}",
          "{",
          "{\"status\":200}",
          "{\"status\":\"200\",\"headers\":{}}",
          "{\"status\":200.0,\"headers\":{}}",
          "{\"status\":200,\"headers\":[]}",
          "{\"status\":200,\"headers\":{\"content-type\":\"application/json\"}}",
          "{\"status\":503,\"headers\":{\"retry-after\":[7],\"date\":[]}}",
          "{\"status\":200,\"headers\":{\"a\":null,\"b\":[],\"c\":[[]],\"d\":{\"e\":1e400}}}",
          "{\"status\":404,\"status\":200}",
          "{\"type\":5,\"message\":5}",
          "{\"type\":\"odd\",\"message\":\"\",\"retryable\":1,\"sent\":\"true\"}",
          "{\"message\":\"\\ud800\",\"retryable\":true,\"sent\":true}");

  /** What the handlers read of a body: as a result, to report, in one call, in one piece. */
  private static final List<Integer> SIZES =
      List.of(999, 1_000, 1_001, 1_002, 1_003, 4_096, 65_535, 65_536, 65_537, 131_073);

  private static final int LARGEST_BODY = 2 << 20;
  private static final int MAX_HEADER = 9_000;

  /**
   * A response of a server of a recorded case.
   *
   * @param kind of the configuration that it answers
   */
  private record Known(String kind, int status, Map<String, List<String>> headers, String body) {}

  private final Random random;
  private final DocumentGenerator json;
  private final List<Known> known;

  /**
   * @param json makes JSON like known one
   */
  AnswerGenerator(long seed, List<Case> cases, DocumentGenerator json) {
    random = new Random(seed);
    this.json = json;
    known = cases.stream().flatMap(one -> known(one).stream()).toList();
  }

  private static List<Known> known(Case one) {
    var kind = kind(one.document());
    return StreamSupport.stream(one.node().path("server").spliterator(), false)
        .map(exchange -> known(kind, exchange.get("answer")))
        .flatMap(List::stream)
        .toList();
  }

  /** None of what is no response, or has bytes that are no text. */
  private static List<Known> known(String kind, JsonNode answer) {
    var text = new String(RecordedCases.bytes(answer), StandardCharsets.UTF_8);
    var parts = text.split("\r\n\r\n", 2);
    var lines = Arrays.asList(parts[0].split("\r\n"));
    var status = lines.getFirst().split(" ", 3);
    if (parts.length < 2 || status.length < 2) {
      return List.of();
    }
    var headers = new LinkedHashMap<String, List<String>>();
    for (var line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return List.of(new Known(kind, Integer.parseInt(status[1]), headers, parts[1]));
  }

  /** What of a configuration says which responses it can read. */
  private static String kind(String document) {
    var config = DocumentGenerator.read(document).path("config");
    return List.of(config.path("response_extract"), config.path("channel"), config.path("api"))
        .toString();
  }

  /** Answers to the requests of a step with this document: one in nearly all cases. */
  List<HostAnswer> next(String document) {
    var kind = kind(document);
    var likely = known.stream().filter(response -> response.kind().equals(kind)).toList();
    var answers = new ArrayList<HostAnswer>();
    int count = oneIn(20) ? random.nextInt(3) : 1;
    for (int i = 0; i < count; i++) {
      answers.add(oneIn(6) ? refusal() : response(likely));
    }
    return answers;
  }

  private Response response(List<Known> likely) {
    var like = pick(likely.isEmpty() || oneIn(4) ? known : likely);
    var head = oneIn(40) ? pick(ODD_DOCUMENTS) : head(like);
    return new Response(Document.of(head), body(like), oneIn(12) ? refusal() : null);
  }

  private String head(Known like) {
    var head = new LinkedHashMap<String, Object>();
    head.put("status", status(like));
    head.put("url", "https://api.example.com/" + random.nextInt(10));
    head.put("headers", headers(like));
    head.put("redirects", random.nextInt(3));
    head.put("timing", Map.of("connect_ms", 1.5));
    return JSON.writeValueAsString(head);
  }

  private int status(Known like) {
    return switch (random.nextInt(8)) {
      case 0 -> 200;
      case 1 -> pick(STATUSES);
      case 2 -> pick(ODD_STATUSES);
      default -> like.status();
    };
  }

  private Map<String, List<String>> headers(Known like) {
    var headers = new LinkedHashMap<>(like.headers());
    if (oneIn(6)) {
      headers.remove("content-type");
    }
    if (oneIn(5)) {
      headers.put("content-type", several(CONTENT_TYPES));
    }
    if (oneIn(3)) {
      headers.put("retry-after", several(oneIn(2) ? WAITS : DATES));
    }
    if (oneIn(3)) {
      headers.put("date", several(DATES));
    }
    while (oneIn(3)) {
      headers.put(pick(HEADERS), several(TEXTS));
    }
    if (oneIn(30)) {
      headers.put("x-long", List.of("x".repeat(random.nextInt(MAX_HEADER))));
    }
    return headers;
  }

  /** One value in nearly all cases. */
  private List<String> several(List<String> from) {
    var values = new ArrayList<>(List.of(pick(from)));
    while (oneIn(8)) {
      values.add(pick(from));
    }
    return values;
  }

  private Document body(Known like) {
    return switch (random.nextInt(14)) {
      case 0 -> Document.of(cut(json.like(like.body())));
      case 1 -> Document.of(pick(TEXTS));
      case 2 -> Document.of(encoded(json.like(like.body())));
      case 3 -> Document.of(deep());
      case 4 -> Document.of(sized());
      case 5, 6, 7, 8 -> Document.of(like.body());
      default -> Document.of(json.like(like.body()));
    };
  }

  private String cut(String text) {
    return text.substring(0, text.offsetByCodePoints(0, random.nextInt(1 + codePoints(text))));
  }

  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }

  private byte[] encoded(String text) {
    return switch (random.nextInt(4)) {
      case 0 -> ("\ufeff" + text).getBytes(StandardCharsets.UTF_8);
      case 1 -> ("\ufeff" + text).getBytes(StandardCharsets.UTF_16BE);
      case 2 -> text.getBytes(StandardCharsets.UTF_16LE);
      default -> {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int changes = Math.min(bytes.length, 3); changes > 0; changes--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        yield bytes;
      }
    };
  }

  /** As deep as a result may be, more or less, or as deep as nothing is. */
  private String deep() {
    int depth = oneIn(3) ? 20_000 : 500 + random.nextInt(150);
    boolean objects = oneIn(2);
    return (objects ? "{\"a\":" : "[").repeat(depth)
        + random.nextInt(10)
        + (objects ? "}" : "]").repeat(oneIn(4) ? depth - 1 : depth);
  }

  /** Around the sizes that handlers read. */
  private byte[] sized() {
    int size = oneIn(10) ? LARGEST_BODY - 1 + random.nextInt(3) : pick(SIZES);
    var bytes = new byte[size];
    switch (random.nextInt(3)) {
      case 0 -> {
        Arrays.fill(bytes, (byte) ' ');
        bytes[0] = '"';
        bytes[size - 1] = '"';
      }
      case 1 -> {
        // Characters of two bytes, one of which is cut at one end.
        var character = "é".getBytes(StandardCharsets.UTF_8);
        int shift = random.nextInt(2);
        for (int i = 0; i < size; i++) {
          bytes[i] = character[(i + shift) % 2];
        }
      }
      default -> random.nextBytes(bytes);
    }
    return bytes;
  }

  private Refusal refusal() {
    if (oneIn(12)) {
      return new Refusal(pick(List.of(AbiError.values())), Document.of(pick(ODD_DOCUMENTS)));
    }
    var type = pick(ERROR_TYPES);
    var code = oneIn(12) ? pick(List.of(AbiError.values())) : errorOf(type);
    var message = oneIn(30) ? "x".repeat(random.nextInt(MAX_HEADER)) : pick(TEXTS);
    var document =
        "{\"type\":\"%s\",\"message\":%s,\"retryable\":%b,\"sent\":%b%s}"
            .formatted(
                type,
                JSON.writeValueAsString(message),
                random.nextBoolean(),
                random.nextBoolean(),
                oneIn(3) ? ",\"retry_after_ms\":" + pick(WAITS_MS) : "");
    return new Refusal(code, Document.of(document));
  }

  private static AbiError errorOf(String type) {
    AbiError error = ERRORS.get(type);
    if (error == null) {
      throw new IllegalArgumentException(type);
    }
    return error;
  }

  private boolean oneIn(int many) {
    return random.nextInt(many) == 0;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
