package org.wasmbroker.session;

import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A request of a client.
 *
 * @param id a text or a number, as the client wrote it; null only if it could not be read
 * @param isAsync whether its answer does not wait for those of the requests before it
 */
record Request(JsonNode id, boolean isAsync, Body body) {
  private static final int MAX_DEPTH = 20;
  private static final int MAX_ID_CHARS = 200;
  private static final int MAX_VARIABLES = 100;
  static final String OTHER = "other";
  static final List<String> TYPES =
      List.of(
          "write_file",
          "read_file",
          "list_files",
          "make_directory",
          "remove_file",
          "shell",
          "cancel",
          "status",
          "reset");

  /** What is asked for. */
  sealed interface Body {
    record WriteFile(String path, Document content, boolean appends) implements Body {}

    /**
     * @param length null for all that there is
     */
    record ReadFile(String path, boolean isBase64, long offset, @Nullable Long length)
        implements Body {}

    record ListFiles(String path, boolean recursive) implements Body {}

    record MakeDirectory(String path) implements Body {}

    record RemoveFile(String path, boolean recursive) implements Body {}

    record Shell(
        String command,
        String directory,
        Map<String, String> environment,
        @Nullable Duration timeout,
        boolean progress)
        implements Body {}

    record Cancel(JsonNode target) implements Body {}

    record Status() implements Body {}

    record Reset() implements Body {}

    /** It cannot be served, and why. */
    record Bad(SessionException problem) implements Body {}
  }

  /** One of {@link #TYPES}; {@code other} if it cannot be served. */
  String type() {
    return switch (body) {
      case Body.WriteFile _ -> "write_file";
      case Body.ReadFile _ -> "read_file";
      case Body.ListFiles _ -> "list_files";
      case Body.MakeDirectory _ -> "make_directory";
      case Body.RemoveFile _ -> "remove_file";
      case Body.Shell _ -> "shell";
      case Body.Cancel _ -> "cancel";
      case Body.Status _ -> "status";
      case Body.Reset _ -> "reset";
      case Body.Bad _ -> OTHER;
    };
  }

  /** Reads a line; whatever it is, there is a request. */
  static Request read(byte[] line, int maxBytes) {
    var parsed =
        new DocumentReader(Syntax.JSON, maxBytes, MAX_DEPTH).withoutPositions().read("", line);
    if (parsed.hasProblems()) {
      return bad(JsonNodeFactory.instance.nullNode(), Problem.join(parsed.problems()));
    }
    if (!parsed.root().isObject()) {
      return bad(JsonNodeFactory.instance.nullNode(), "a request is a JSON object");
    }
    var reader = parsed.object();
    var id = id(reader);
    boolean isAsync = flag(reader, "async");
    var body = body(reader, parsed);
    if (parsed.hasProblems()) {
      return bad(id, Problem.join(parsed.problems()));
    }
    return new Request(id, isAsync, Objects.requireNonNull(body));
  }

  static Request bad(JsonNode id, String message) {
    return new Request(id, false, new Body.Bad(SessionException.badRequest(message)));
  }

  private static JsonNode id(ObjectReader reader) {
    var member = reader.member("id");
    if (member == null) {
      reader.problem("id", "is missing; it is a text or a whole number");
      return JsonNodeFactory.instance.nullNode();
    }
    return identifier(member);
  }

  /** A text or a whole number. */
  private static JsonNode identifier(DocumentValue value) {
    var json = value.json();
    boolean valid =
        json.isString()
            ? json.stringValue().length() <= MAX_ID_CHARS
            : json.isIntegralNumber() && json.canConvertToLong();
    if (!valid) {
      value.problem("must be a text of at most 200 characters or a whole number");
      return JsonNodeFactory.instance.nullNode();
    }
    return json;
  }

  private static @Nullable Body body(ObjectReader reader, ParsedDocument document) {
    if (!reader.has("type")) {
      reader.problem("type", "is missing; must be one of " + Names.list(TYPES));
    }
    var type =
        reader.value(
            "type",
            text -> {
              if (!TYPES.contains(text)) {
                throw new IllegalArgumentException(Names.notOneOf(text, TYPES));
              }
              return text;
            });
    if (type == null) {
      return null;
    }
    var body =
        switch (type) {
          case "write_file" -> writeFile(reader);
          case "read_file" -> readFile(reader);
          case "list_files" -> new Body.ListFiles(path(reader, "/"), flag(reader, "recursive"));
          case "make_directory" -> new Body.MakeDirectory(path(reader, null));
          case "remove_file" -> new Body.RemoveFile(path(reader, null), flag(reader, "recursive"));
          case "shell" -> shell(reader);
          case "cancel" -> cancel(reader);
          case "status" -> new Body.Status();
          case "reset" -> new Body.Reset();
          default -> throw new IllegalStateException("a type without a body: " + type);
        };
    reader.finish();
    return document.hasProblems() ? null : body;
  }

  private static boolean flag(ObjectReader reader, String name) {
    var json = reader.json(name, JsonNode::isBoolean, "true or false");
    return json != null && json.booleanValue();
  }

  /**
   * @param absent what it is if it is missing; null if it must not be
   */
  private static String path(ObjectReader reader, @Nullable String absent) {
    if (absent == null && !reader.has("path")) {
      reader.problem("path", "is missing, such as /data/a.txt");
    }
    var path = reader.string("path");
    return path != null ? path : absent == null ? "" : absent;
  }

  private static Body writeFile(ObjectReader reader) {
    var path = path(reader, null);
    var text = reader.string("content");
    var bytes = reader.value("content_base64", Request::decoded);
    if (reader.has("content") == reader.has("content_base64")) {
      reader.problem("needs either content or content_base64");
    }
    var content = bytes != null ? bytes : text == null ? Document.EMPTY : Document.of(text);
    return new Body.WriteFile(path, content, flag(reader, "append"));
  }

  private static Document decoded(String text) {
    try {
      return Document.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException("is not valid base64", invalid);
    }
  }

  private static Body readFile(ObjectReader reader) {
    var path = path(reader, null);
    var encoding =
        reader.value(
            "encoding",
            text -> {
              if (!List.of("utf-8", "base64").contains(text)) {
                throw new IllegalArgumentException(
                    Names.notOneOf(text, List.of("utf-8", "base64")));
              }
              return text;
            });
    var offset = reader.integer("offset", 0, Integer.MAX_VALUE);
    var length = reader.integer("length", 1, Integer.MAX_VALUE);
    return new Body.ReadFile(path, "base64".equals(encoding), offset == null ? 0 : offset, length);
  }

  private static Body shell(ObjectReader reader) {
    if (!reader.has("command")) {
      reader.problem("command", "is missing, such as: sort /data/a.txt | head -n 1");
    }
    var command = reader.string("command");
    var directory = reader.string("cwd");
    var timeout = reader.integer("timeout_ms", 1, Duration.ofDays(1).toMillis());
    var environment = new LinkedHashMap<String, String>();
    var variables = reader.object("env").entries();
    if (variables.size() > MAX_VARIABLES) {
      reader.problem("env", "has more than %d variables".formatted(MAX_VARIABLES));
    }
    variables.forEach(
        (name, value) -> {
          var text = value.parse(each -> each);
          if (text != null
              && (text.indexOf('\0') >= 0 || !name.matches("[A-Za-z_][A-Za-z0-9_]*"))) {
            value.problem("is no variable with a value without zero characters");
          } else if (text != null) {
            environment.put(name, text);
          }
        });
    return new Body.Shell(
        command == null ? "" : command,
        directory == null ? SessionFiles.HOME : directory,
        environment,
        timeout == null ? null : Duration.ofMillis(timeout),
        flag(reader, "progress"));
  }

  private static Body cancel(ObjectReader reader) {
    var target = reader.member("target");
    if (target == null) {
      reader.problem("target", "is missing: the id of a request");
    }
    return new Body.Cancel(
        target == null ? JsonNodeFactory.instance.nullNode() : identifier(target));
  }
}
