package org.wasmbroker.grant;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.HttpRuleReader;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
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

  RuleReader(
      Map<ResourceClassName, ResourceClass> classes, Map<SecretName, List<Destination>> secrets) {
    this.classes = classes;
    this.secrets = secrets;
  }

  /** The defaults are a rule for all handlers that names no destination and no secret. */
  HandlerRule defaults(ObjectReader section) {
    var functions = functions(section, AbiFunction.basic());
    var resourceClass = resourceClass(section);
    if (!section.has("class")
        && !classes.isEmpty()
        && !classes.containsKey(ResourceClassName.TEXT)) {
      section.problem(
          "class",
          "is needed, since no class is named text; available: " + Names.list(classNames()));
    }
    var rule =
        new HandlerRule(
            section.pointer().dotted(),
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
    section.finish();
    return rule;
  }

  HandlerRule rule(ObjectReader section) {
    var handler = section.value("handler", RuleReader::handler);
    if (!section.has("handler")) {
      section.problem("has no handler: a handler's name, or * for all");
    }
    var versions = section.value("versions", VersionRange::new);
    var functions = functions(section, Set.of());
    var mode = section.value("mode", Mode::parse);
    var http = new HttpRuleReader(mode == null ? Mode.ENFORCE : mode);
    var rule =
        new HandlerRule(
            section.pointer().dotted(),
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
    section.finish();
    return rule;
  }

  private static ObjectReader limits(ObjectReader section) {
    return section.object("limits");
  }

  private static String handler(String text) {
    return text.equals(HandlerRule.ANY_HANDLER) ? text : new HandlerRef(text, null).name();
  }

  private static Set<AbiFunction> functions(ObjectReader section, Set<AbiFunction> otherwise) {
    var functions = EnumSet.noneOf(AbiFunction.class);
    functions.addAll(section.values("functions", RuleReader::function));
    return section.has("functions") ? functions : otherwise;
  }

  private static AbiFunction function(String text) {
    var basic = AbiFunction.basic();
    var found = AbiFunction.of(text);
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          Names.notOneOf(text, basic.stream().map(AbiFunction::text).toList()));
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

  private @Nullable ResourceClassName resourceClass(ObjectReader section) {
    return section.value(
        "class",
        text -> {
          var name = new ResourceClassName(text);
          if (!classes.containsKey(name)) {
            throw new IllegalArgumentException(Names.notOneOf(text, classNames()));
          }
          return name;
        });
  }

  private List<String> classNames() {
    return classes.keySet().stream().map(ResourceClassName::text).toList();
  }

  private Set<SecretName> secrets(ObjectReader section, String key, boolean injected) {
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

  private static @Nullable Duration timeResolution(ObjectReader section) {
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

  private static @Nullable Integer newWork(ObjectReader section) {
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
