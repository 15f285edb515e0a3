package org.wasmbroker.grant;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.VersionRange;

/** Reads what is granted to a handler. */
final class RuleReader {
  private final Map<ResourceClassName, ResourceClass> classes;
  private final Capabilities table;
  private final CapabilityPermits.Reader permits;

  RuleReader(
      Capabilities table,
      Map<ResourceClassName, ResourceClass> classes,
      CapabilityPermits.Reader permits) {
    this.table = table;
    this.classes = classes;
    this.permits = permits;
  }

  /** The defaults are a rule for all handlers that names no destination and no secret. */
  HandlerRule defaults(ObjectReader section) {
    var functions = functions(section, table.basicFunctions());
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
            permits.readDefaults(section),
            resourceClass,
            LimitsReader.read(limits(section), false),
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
    var rule =
        new HandlerRule(
            section.pointer().dotted(),
            handler == null ? "" : handler,
            versions == null ? VersionRange.ALL : versions,
            functions,
            permits.readRule(section),
            resourceClass(section),
            LimitsReader.read(limits(section), false),
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

  private Set<String> functions(ObjectReader section, Set<String> defaults) {
    var functions = section.values("functions", this::function);
    return section.has("functions") ? new HashSet<>(functions) : defaults;
  }

  private String function(String name) {
    var capability =
        table
            .ofFunction(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        Names.notOneOf(name, table.ordered(table.basicFunctions()))));
    if (!capability.isBasic()) {
      throw new IllegalArgumentException(name + " is granted by " + capability.grantedBy());
    }
    return name;
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
