package org.wasmbroker.telemetry.otel;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.SafeText;

/** Reads environment variables; what is wrong with one is collected, and its default is taken. */
final class OtelVariables {
  private static final int MAX_SHOWN = 100;
  private static final int MAX_PAIRS = 64;
  private static final int MAX_PAIR_LENGTH = 8 << 10;

  private final Map<String, String> environment;
  private final List<Problem> problems;

  OtelVariables(Map<String, String> environment, List<Problem> problems) {
    this.environment = environment;
    this.problems = problems;
  }

  /** The value, or null if it is not set; empty is not set. */
  @Nullable String text(String name) {
    var value = environment.get(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** The first of the variables that is set, or null. */
  @Nullable String firstSet(String... names) {
    for (var name : names) {
      if (text(name) != null) {
        return name;
      }
    }
    return null;
  }

  boolean flag(String name) {
    var value = text(name);
    if (value == null || value.equalsIgnoreCase("false")) {
      return false;
    }
    if (!value.equalsIgnoreCase("true")) {
      problem(name, "must be true or false, was " + shown(value));
    }
    return value.equalsIgnoreCase("true");
  }

  /** A whole number in a range. */
  int number(String name, int defaultValue, int min, int max) {
    var value = text(name);
    if (value == null) {
      return defaultValue;
    }
    if (value.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    }
    problem(name, "must be a whole number of %d to %d, was %s".formatted(min, max, shown(value)));
    return defaultValue;
  }

  double ratio(String name) {
    var value = text(name);
    if (value == null) {
      return 1;
    }
    if (value.matches("0(\\.[0-9]{1,18})?|1(\\.0{1,18})?|\\.[0-9]{1,18}")) {
      return Double.parseDouble(value);
    }
    problem(name, "must be a number of 0 to 1, such as 0.1, was " + shown(value));
    return 1;
  }

  @Nullable Path file(@Nullable String name) {
    var value = name == null ? null : text(name);
    if (name == null || value == null) {
      return null;
    }
    try {
      var file = Path.of(value);
      if (Files.isReadable(file) && Files.isRegularFile(file)) {
        return file;
      }
    } catch (InvalidPathException invalid) {
      // told below
    }
    problem(name, "must be a file that can be read, was " + shown(value));
    return null;
  }

  /** {@code name=value,name=value} with percent codes; what is wrong is told without a value. */
  Map<String, String> pairs(@Nullable String name) {
    var pairs = new LinkedHashMap<String, String>();
    var text = name == null ? null : text(name);
    if (name == null || text == null) {
      return pairs;
    }
    int number = 0;
    for (var part : text.split(",", -1)) {
      number++;
      var pair = part.strip();
      int equals = pair.indexOf('=');
      if (pair.isEmpty()) {
        continue;
      }
      var problem = equals < 1 ? "has no '='" : addPair(pairs, pair, equals);
      if (problem != null) {
        problem(
            name, "must be name=value pairs, separated by commas: pair " + number + " " + problem);
      }
    }
    return pairs;
  }

  private static @Nullable String addPair(Map<String, String> pairs, String pair, int equals) {
    if (pair.length() > MAX_PAIR_LENGTH || pairs.size() == MAX_PAIRS) {
      return "is too long, or one too many";
    }
    try {
      var value = pair.substring(equals + 1).strip().replace("+", "%2B");
      var decoded = URLDecoder.decode(value, StandardCharsets.UTF_8);
      var key = pair.substring(0, equals).strip();
      var kept = pairs.putIfAbsent(key, decoded);
      return kept == null ? null : "is the second of its name";
    } catch (IllegalArgumentException malformed) {
      return "has a malformed percent code";
    }
  }

  void problem(String name, String message) {
    problems.add(new Problem(Location.of("environment variable " + name), "", message));
  }

  static String shown(String value) {
    return "'" + SafeText.sanitize(value, MAX_SHOWN) + "'";
  }
}
