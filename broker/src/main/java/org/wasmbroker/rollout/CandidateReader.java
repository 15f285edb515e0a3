package org.wasmbroker.rollout;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Version;
import org.wasmbroker.step.WireName;

/** Reads the candidate of a handler's section: which steps get it, and when it is rolled back. */
final class CandidateReader {
  private CandidateReader() {}

  /** The candidate, or null if there is none or it is wrong. */
  static @Nullable Candidate read(ObjectReader section) {
    var version = section.value("candidate", Version::parse);
    var weight = section.value("weight", Percent::parse);
    var when = section.has("when") ? condition(section.object("when")) : Condition.ANY;
    var rollback =
        section.has("rollback") ? rollback(section.object("rollback")) : RollbackRule.DEFAULTS;
    var _ = section.member("when");
    var _ = section.member("rollback");
    if (!section.has("candidate")) {
      for (var key : List.of("weight", "when")) {
        if (section.has(key)) {
          section.problem(key, "needs a candidate");
        }
      }
      return null;
    }
    if (!section.has("weight")) {
      section.problem(
          "has a candidate but no weight, the share of the steps that get it, such as weight: 10%");
    }
    return version == null || weight == null
        ? null
        : new Candidate(version, weight, when, rollback);
  }

  private static Condition condition(ObjectReader section) {
    var namespaces = section.values("namespace", Glob::new);
    var tasks = section.values("task", Glob::new);
    var headers = headers(section.object("header"));
    section.finish();
    if (!section.has("namespace") && !section.has("task") && !section.has("header")) {
      section.problem("is empty; leave it out for all steps");
    }
    return new Condition(namespaces, tasks, headers);
  }

  private static Map<String, List<Glob>> headers(ObjectReader section) {
    var headers = new TreeMap<String, List<Glob>>();
    for (var name : section.entries().keySet()) {
      var patterns = section.values(name, Glob::new);
      if (headers.put(name.toLowerCase(Locale.ROOT), patterns) != null) {
        section.problem(name, "is there twice; upper and lower case make no difference");
      }
      if (patterns.isEmpty()) {
        section.problem(name, "has no value; * stands for any");
      }
    }
    return headers;
  }

  private static RollbackRule rollback(ObjectReader section) {
    var defaults = RollbackRule.DEFAULTS;
    var threshold = section.value("threshold", Percent::parse);
    var window = section.value("window", CandidateReader::window);
    var minSteps = section.value("min-steps", CandidateReader::steps);
    var on = section.has("on") ? kinds(section) : defaults.on();
    var _ = section.member("on");
    section.finish();
    return section
        .create(
            () ->
                new RollbackRule(
                    threshold == null ? defaults.threshold() : threshold,
                    window == null ? defaults.window() : window,
                    minSteps == null ? defaults.minSteps() : minSteps,
                    on))
        .orElse(defaults);
  }

  private static Set<BadEnd> kinds(ObjectReader section) {
    var kinds = EnumSet.noneOf(BadEnd.class);
    kinds.addAll(section.values("on", CandidateReader::kind));
    return kinds;
  }

  private static BadEnd kind(String text) {
    return Arrays.stream(BadEnd.values())
        .filter(kind -> WireName.hyphenated(kind).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Names.notOneOf(
                        text, Arrays.stream(BadEnd.values()).map(WireName::hyphenated).toList())));
  }

  private static Duration window(String text) {
    return QuantityParser.parseDuration(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be a duration, such as 5m, was '%s'"
                        .formatted(SafeText.sanitize(text, 40))));
  }

  private static int steps(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "must be a whole number, was '%s'".formatted(SafeText.sanitize(text, 40)), notANumber);
    }
  }
}
