package org.wasmbroker.grant;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.Destination;

/** Reads what is granted to a handler. */
final class RuleReader {
  private static final Duration MAX_TIME_RESOLUTION = Duration.ofHours(1);

  private final Map<ResourceClassName, ResourceClass> classes;
  private final Map<SecretName, List<Destination>> secrets;
  private final Problems problems;

  RuleReader(
      Map<ResourceClassName, ResourceClass> classes,
      Map<SecretName, List<Destination>> secrets,
      Problems problems) {
    this.classes = classes;
    this.secrets = secrets;
    this.problems = problems;
  }

  /** The defaults are a rule for all handlers that names no destination and no secret. */
  HandlerRule defaults(Section section) {
    var functions = section.has("functions") ? functions(section) : AbiFunction.basic();
    var resourceClass = resourceClass(section);
    if (!section.has("class")
        && !classes.isEmpty()
        && !classes.containsKey(ResourceClassName.TEXT)) {
      section.problem("class", "is needed: no class is named text; there is " + classNames());
    }
    var rule =
        new HandlerRule(
            section.place(),
            HandlerRule.ANY_HANDLER,
            VersionRange.ALL,
            functions,
            List.of(),
            Set.of(),
            Set.of(),
            resourceClass,
            LimitsReader.read(limits(section), false),
            timeResolution(section),
            newWork(section));
    section.end();
    return rule;
  }

  HandlerRule rule(Section section) {
    var handler = section.value("handler", RuleReader::handler);
    if (!section.has("handler")) {
      section.problem("has no handler: a handler's name, or * for all");
    }
    var versions = section.value("versions", VersionRange::new);
    var functions = section.has("functions") ? functions(section) : Set.<AbiFunction>of();
    var mode = section.value("mode", RuleReader::mode);
    var http = new HttpRuleReader(mode == null ? Mode.ENFORCE : mode, problems);
    var rule =
        new HandlerRule(
            section.place(),
            handler == null ? "" : handler,
            versions == null ? VersionRange.ALL : versions,
            functions,
            section.items("http", http::read),
            secrets(section, "secrets", true),
            secrets(section, "readable-secrets", false),
            resourceClass(section),
            LimitsReader.read(limits(section), false),
            timeResolution(section),
            newWork(section));
    section.end();
    return rule;
  }

  private static Section limits(Section section) {
    return section.section("limits");
  }

  private static String handler(String text) {
    return text.equals(HandlerRule.ANY_HANDLER) ? text : new HandlerRef(text, null).name();
  }

  static Mode mode(String text) {
    return switch (text) {
      case "enforce" -> Mode.ENFORCE;
      case "audit" -> Mode.AUDIT;
      default ->
          throw new IllegalArgumentException(
              "must be enforce or audit, was '" + SafeText.sanitize(text, 40) + "'");
    };
  }

  private static Set<AbiFunction> functions(Section section) {
    var functions = EnumSet.noneOf(AbiFunction.class);
    functions.addAll(section.values("functions", RuleReader::function));
    return functions;
  }

  private static AbiFunction function(String text) {
    var basic = AbiFunction.basic();
    var found = AbiFunction.of(text);
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "is '%s' and must be one of %s"
              .formatted(
                  SafeText.sanitize(text, 40),
                  basic.stream().map(AbiFunction::text).collect(Collectors.joining(", "))));
    }
    return found
        .filter(basic::contains)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    text
                        + " is granted by "
                        + (found.orElseThrow() == AbiFunction.HTTP_REQUEST
                            ? "destinations in http"
                            : "names in readable-secrets")));
  }

  private @Nullable ResourceClassName resourceClass(Section section) {
    return section.value(
        "class",
        text -> {
          var name = new ResourceClassName(text);
          if (!classes.containsKey(name)) {
            throw new IllegalArgumentException(
                "there is no class '" + name + "'; there is " + classNames());
          }
          return name;
        });
  }

  private String classNames() {
    return classes.isEmpty()
        ? "none"
        : classes.keySet().stream().map(ResourceClassName::text).collect(Collectors.joining(", "));
  }

  private Set<SecretName> secrets(Section section, String key, boolean injected) {
    return new HashSet<>(section.values(key, text -> secret(text, injected)));
  }

  private SecretName secret(String text, boolean injected) {
    var name = new SecretName(text);
    var bound = secrets.get(name);
    if (bound == null) {
      var near =
          NearestName.of(text, secrets.keySet().stream().map(SecretName::text).toList())
              .map(other -> "; did you mean '" + other + "'?")
              .orElse("; add it there, with the destinations that may get it");
      throw new IllegalArgumentException("'" + name + "' is not under secrets" + near);
    }
    if (injected && bound.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' is bound to no destination, so that nothing could be filled in; name some under"
                  .formatted(name)
              + " secrets, or grant it in readable-secrets");
    }
    return name;
  }

  private static @Nullable Duration timeResolution(Section section) {
    return section.value(
        "time-resolution",
        text ->
            QuantityParser.parseDuration(text)
                .filter(duration -> duration.compareTo(MAX_TIME_RESOLUTION) <= 0)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "must be a duration up to 1h, such as 1ms, was '"
                                + SafeText.sanitize(text, 40)
                                + "'")));
  }

  private static @Nullable Integer newWork(Section section) {
    return section.value(
        "new-work",
        text -> {
          long newWork = LimitsReader.count(text);
          if (newWork > LimitKind.NEW_WORK.maximum()) {
            throw new IllegalArgumentException(
                "must be at most %d, was %d".formatted(LimitKind.NEW_WORK.maximum(), newWork));
          }
          return (int) newWork;
        });
  }
}
