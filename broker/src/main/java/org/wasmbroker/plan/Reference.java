package org.wasmbroker.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A reference such as {@code ${deps.load.id}} in a text of a configuration, in the grammar of the
 * handlers of the catalog (handlers-wasm/README.md), which have a reader of their own.
 *
 * @param written from the dollar to the brace
 * @param at where it begins in its text, in characters from 1
 * @param path the names and indexes, without {@code result} of {@code steps.NAME.result}
 * @param problem what is wrong with it, or null
 */
record Reference(String written, int at, List<String> path, @Nullable String problem) {
  private static final Set<String> ROOTS =
      Set.of("context", "deps", "prev", "secrets", "step", "steps");
  private static final JsonMapper JSON = JsonMapper.shared();

  Reference {
    path = List.copyOf(path);
  }

  boolean isSecret() {
    return problem == null && path.getFirst().equals("secrets");
  }

  /** The step whose result it is about, or null. */
  @Nullable String step() {
    return problem == null && path.size() > 1 && path.getFirst().equals("deps")
        ? path.get(1)
        : null;
  }

  /** All references of a text; two dollars before the brace are none. */
  static List<Reference> in(String text) {
    var references = new ArrayList<Reference>();
    int from = 0;
    while (true) {
      int at = text.indexOf("${", from);
      if (at < 0) {
        return List.copyOf(references);
      }
      if (at > from && text.charAt(at - 1) == '$') {
        from = at + 2;
        continue;
      }
      int end = closing(text, at, '}');
      if (end < 0) {
        references.add(
            new Reference(
                text.substring(at), at + 1, List.of(), "starts with ${ but has no closing }"));
        return List.copyOf(references);
      }
      references.add(parse(text.substring(at, end + 1), at + 1));
      from = end + 1;
    }
  }

  /** All references of the texts in a value. */
  static List<Reference> inAll(JsonNode value) {
    var references = new ArrayList<Reference>();
    if (value.isString()) {
      references.addAll(in(value.stringValue()));
    }
    value.values().forEach(each -> references.addAll(inAll(each)));
    return references;
  }

  /** The reference that is all of the text, or null. */
  static @Nullable Reference only(String text) {
    var references = in(text);
    return references.size() == 1 && references.getFirst().written().length() == text.length()
        ? references.getFirst()
        : null;
  }

  /** Where the one that began here is closed, or -1; names in quotes may have any characters. */
  private static int closing(String text, int from, char close) {
    boolean quoted = false;
    boolean escaped = false;
    for (int i = from; i < text.length(); i++) {
      char character = text.charAt(i);
      if (escaped) {
        escaped = false;
      } else if (character == '\\' && quoted) {
        escaped = true;
      } else if (character == '"') {
        quoted = !quoted;
      } else if (character == close && !quoted) {
        return i;
      }
    }
    return -1;
  }

  private static Reference parse(String written, int at) {
    var path = new ArrayList<String>();
    var problem = path(written.substring(2, written.length() - 1), path);
    if (problem == null) {
      problem = root(path);
    }
    return new Reference(written, at, problem == null ? path : List.of(), problem);
  }

  private static @Nullable String root(List<String> path) {
    var root = path.getFirst();
    if (!ROOTS.contains(root)) {
      return "unknown root; available: context, deps, prev, secrets, step, steps";
    }
    if (root.equals("secrets")) {
      return path.size() == 2 ? null : "a secret is written ${secrets.NAME}";
    }
    if (root.equals("steps")) {
      if (path.size() < 3 || !path.get(2).equals("result")) {
        return "a step's result is written ${steps.NAME.result}";
      }
      path.remove(2);
      path.set(0, "deps");
    }
    return null;
  }

  private static @Nullable String path(String text, List<String> path) {
    int at = 0;
    while (true) {
      if (at < text.length() && text.charAt(at) == '[') {
        int end = closing(text, at, ']');
        if (end < 0) {
          return "'[' has no matching ']'";
        }
        var problem = inBrackets(text.substring(at + 1, end), path);
        if (problem != null) {
          return problem;
        }
        at = end + 1;
      } else {
        if (!path.isEmpty()) {
          if (at >= text.length() || text.charAt(at) != '.') {
            return "expected '.', '[' or '}'";
          }
          at++;
        }
        int end = at;
        while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
          end++;
        }
        var name = text.substring(at, end);
        if (name.isEmpty()
            || name.chars().anyMatch(c -> Character.isWhitespace(c) || "\"'{}]$".indexOf(c) >= 0)) {
          return "a name is missing, or must be written as [\"name\"]";
        }
        path.add(name);
        at = end;
      }
      if (at == text.length()) {
        return null;
      }
    }
  }

  private static @Nullable String inBrackets(String inside, List<String> path) {
    if (!inside.startsWith("\"")) {
      if (path.isEmpty()) {
        return "must start with a name";
      }
      if (!inside.matches("[0-9]{1,10}")) {
        return "expected a number or a quoted name in brackets";
      }
      path.add(inside);
      return null;
    }
    try {
      var name = JSON.readTree(inside);
      if (name.isString()) {
        path.add(name.stringValue());
        return null;
      }
      return "a quoted name must be a JSON string";
    } catch (JacksonException invalid) {
      return "a quoted name must be a JSON string";
    }
  }
}
