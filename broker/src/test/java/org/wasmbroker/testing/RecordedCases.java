package org.wasmbroker.testing;

import static java.util.stream.Collectors.joining;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The recorded cases of a handler of the catalog: step documents with the results of the same
 * source as a native program. {@code handlers-wasm/build --record} writes them, and {@code --test}
 * checks the native program against them; handlers-wasm/README.md describes the files.
 */
public final class RecordedCases {
  private static final Path CATALOG = Path.of("..", "handlers-wasm", "catalog");

  private static final int MAX_RECORDED_BYTES = 4000;

  /**
   * One case.
   *
   * @param name file and name
   * @param expected the result in the form of {@link #recorded}
   * @param node the whole case
   */
  public record Case(String name, String document, String expected, JsonNode node) {
    /** Whether its requests have answers that are given in advance, and no server. */
    public boolean isAnswered() {
      return node.has("answers");
    }
  }

  /** The last member of that name, which is the result's own. */
  private static final Pattern LATENCY = Pattern.compile("\"latency_ms\":[0-9.]+(?!.*latency_ms)");

  private RecordedCases() {}

  public static List<Case> of(String handler) {
    var json = JsonMapper.shared();
    var cases = new ArrayList<Case>();
    try (var files =
        Files.newDirectoryStream(CATALOG.resolve(handler).resolve("cases"), "*.json")) {
      for (var file : files) {
        for (var one : json.readTree(Files.readAllBytes(file))) {
          cases.add(
              new Case(
                  file.getFileName() + ": " + one.get("name").asString(),
                  expand(one.get("document")),
                  expected(one.get("expect")),
                  one));
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return cases;
  }

  /** The result as it is recorded: itself, or length and hash of a long one. */
  public static String recorded(String answer) {
    var bytes = answer.getBytes(StandardCharsets.UTF_8);
    return bytes.length > MAX_RECORDED_BYTES
        ? "%d bytes, FNV-1a %016x".formatted(bytes.length, fnv1a(bytes))
        : answer;
  }

  /** A result of a handler that sends requests with 0 for the time that they took. */
  public static String withoutTime(String result) {
    return LATENCY.matcher(result).replaceFirst("\"latency_ms\":0");
  }

  private static String expected(JsonNode expect) {
    return expect.isString()
        ? expect.asString()
        : "%d bytes, FNV-1a %s"
            .formatted(expect.get("bytes").asInt(), expect.get("fnv1a64").asString());
  }

  private static long fnv1a(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte one : bytes) {
      hash = (hash ^ (one & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** A long document is written as parts, some of them repeated; '#' is the repetition's number. */
  public static String expand(JsonNode document) {
    if (document.isString()) {
      return document.asString();
    }
    var text = new StringBuilder();
    for (var part : document) {
      if (part.isString()) {
        text.append(part.asString());
      } else {
        var repeated = part.get("repeat").asString();
        text.append(
            IntStream.range(0, part.get("times").asInt())
                .mapToObj(i -> repeated.replace("#", Integer.toString(i)))
                .collect(joining(part.path("separator").asString(""))));
      }
    }
    return text.toString();
  }

  /** Bytes: a string, parts as of a document, or base64, which may also be such a part. */
  public static byte[] bytes(JsonNode written) {
    if (!written.isArray()) {
      return part(written);
    }
    var bytes = new ByteArrayOutputStream();
    written.forEach(part -> bytes.writeBytes(part(part)));
    return bytes.toByteArray();
  }

  private static byte[] part(JsonNode part) {
    return part.has("base64")
        ? Base64.getDecoder().decode(part.get("base64").asString())
        : expand(JsonMapper.shared().createArrayNode().add(part)).getBytes(StandardCharsets.UTF_8);
  }
}
