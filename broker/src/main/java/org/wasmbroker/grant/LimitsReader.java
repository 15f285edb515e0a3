package org.wasmbroker.grant;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;

/** Reads limits by their names in the configuration, without the prefix {@code limits.}. */
final class LimitsReader {
  private LimitsReader() {}

  /**
   * @param includeMemory whether the memory limit is allowed; only a class sets it
   */
  static Map<LimitKind, Long> read(ObjectReader section, boolean includeMemory) {
    var limits = new EnumMap<LimitKind, Long>(LimitKind.class);
    for (var kind : LimitKind.of(Scope.RUN)) {
      var key = key(kind);
      if (kind == LimitKind.MEMORY && !includeMemory) {
        if (section.has(key)) {
          section.value(key, _ -> null);
          section.problem(key, "is set by the resource class; define one and name it in class");
        }
        continue;
      }
      Long value = section.value(key, text -> amount(kind, text));
      if (value != null) {
        limits.put(kind, value);
      }
    }
    return limits;
  }

  private static String key(LimitKind kind) {
    return kind.key().substring(kind.key().indexOf('.') + 1);
  }

  private static long amount(LimitKind kind, String text) {
    long value =
        switch (kind.unit().quantity()) {
          case SIZE ->
              QuantityParser.parseBytes(text)
                  .orElseThrow(() -> invalid(text, "a size such as 65536 or 32MiB"));
          case DURATION ->
              QuantityParser.parseDuration(text)
                  .map(Duration::toMillis)
                  .orElseThrow(() -> invalid(text, "a duration such as 250ms or 30s"));
          case COUNT -> count(text);
        };
    kind.check(value);
    return value;
  }

  /** A whole number that fits. */
  static long count(String text) {
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw invalid(text, "a whole number");
    }
    return Long.parseLong(text);
  }

  private static IllegalArgumentException invalid(String text, String allowed) {
    return new IllegalArgumentException(
        "must be " + allowed + ", was '" + SafeText.sanitize(text, 60) + "'");
  }
}
