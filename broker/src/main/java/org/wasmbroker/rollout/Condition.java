package org.wasmbroker.rollout;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.StepOrigin;

/**
 * Which steps may get a candidate: those for which everything holds that is asked for. One of the
 * patterns of a list is enough.
 *
 * @param namespaces empty for any
 * @param tasks empty for any
 * @param headers by name in lower case, all of which the step's message must have
 */
record Condition(List<Glob> namespaces, List<Glob> tasks, Map<String, List<Glob>> headers) {
  static final Condition ANY = new Condition(List.of(), List.of(), Map.of());

  boolean matches(StepOrigin origin) {
    return matches(namespaces, origin.namespace())
        && matches(tasks, origin.task())
        && matchesHeaders(origin);
  }

  private boolean matchesHeaders(StepOrigin origin) {
    for (var header : headers.entrySet()) {
      var value = origin.headers().get(header.getKey());
      if (value == null || !matches(header.getValue(), value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(List<Glob> patterns, @Nullable String text) {
    if (patterns.isEmpty()) {
      return true;
    }
    for (int i = 0; i < patterns.size() && text != null; i++) {
      if (patterns.get(i).matches(text)) {
        return true;
      }
    }
    return false;
  }

  /** As in the file, on one line. */
  String describe() {
    var text = new StringBuilder();
    append(text, "namespace", namespaces);
    append(text, "task", tasks);
    headers.forEach((name, patterns) -> append(text, "header " + name, patterns));
    return text.toString();
  }

  private static void append(StringBuilder text, String what, List<Glob> patterns) {
    if (!patterns.isEmpty()) {
      text.append(text.isEmpty() ? "" : " and ").append(what).append(' ').append(patterns);
    }
  }
}
