package org.wasmbroker.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.GrantsDescription;
import org.wasmbroker.registry.release.Manifest;
import tools.jackson.databind.json.JsonMapper;

/** Formats an explanation of what is granted, for people and as JSON. */
final class ExplanationFormatter {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NONE = "none";

  private final Manifest manifest;
  private final Explanation explanation;
  private final Grants effective;
  private final List<String> demands;

  /**
   * @param effective including the limits that the manifest lowers for itself
   * @param demands what has to be so before a module runs, unless it comes with the broker
   */
  ExplanationFormatter(
      Manifest manifest, Explanation explanation, Grants effective, List<String> demands) {
    this.manifest = manifest;
    this.explanation = explanation;
    this.effective = effective;
    this.demands = List.copyOf(demands);
  }

  void print(Console console) {
    var granted = explanation.granted();
    console.line(console.bold(manifest.name() + "@" + manifest.version()));
    console.line(
        granted.policy() == null
            ? "no policy file: only the basic functions are granted"
            : "policy sha256:%s, applicable rules: %s"
                .formatted(granted.policy(), String.join(", ", granted.rules())));
    section(console, "requested", requested());
    section(console, "granted", granted());
    section(console, "effective", effective());
    console.line("");
    console.line(console.bold("limits"));
    limits().forEach((name, value) -> console.line("  %-16s %s".formatted(name, value)));
    if (!demands.isEmpty()) {
      console.line("");
      console.line(console.bold("before it runs, unless it comes with the broker"));
      demands.forEach(line -> console.line("  - " + line));
    }
    console.line("");
    console.line(console.bold("why not more"));
    if (explanation.differences().isEmpty()) {
      console.line("  everything that is requested is granted");
    }
    explanation.differences().forEach(line -> console.line("  - " + line));
  }

  private static void section(Console console, String title, Map<String, Object> section) {
    console.line("");
    console.line(console.bold(title));
    section.forEach(
        (name, value) ->
            console.line(
                "  %-16s %s"
                    .formatted(
                        name, value instanceof Collection<?> values ? lines(values) : value)));
  }

  private static String lines(Collection<?> values) {
    var texts = values.stream().map(Object::toString).toList();
    return texts.isEmpty() ? NONE : String.join("\n" + " ".repeat(19), texts);
  }

  String json() {
    var document = new LinkedHashMap<String, @Nullable Object>();
    var digest = explanation.granted().policy();
    document.put("handler", manifest.name());
    document.put("version", manifest.version().toString());
    document.put("policy", digest == null ? null : digest.hex());
    document.put("rules", explanation.granted().rules());
    document.put("requested", requested());
    document.put("granted", granted());
    document.put("effective", effective());
    document.put("limits", limits());
    document.put("demands", demands);
    document.put("differences", explanation.differences());
    return JSON.writeValueAsString(document);
  }

  private Map<String, Object> requested() {
    var requested = explanation.requested();
    var section = section(requested.functions());
    for (var capability : capabilities().all()) {
      section.putAll(describeRequest(capability));
    }
    var resourceClass = requested.resourceClass();
    section.put("class", resourceClass == null ? "any" : resourceClass.text());
    return section;
  }

  private Map<String, Object> granted() {
    var granted = explanation.granted();
    var section = section(granted.allFunctions());
    for (var capability : capabilities().all()) {
      section.putAll(describePermit(capability));
    }
    section.put("class", granted.resourceClass().name().text());
    return section;
  }

  private Map<String, Object> effective() {
    return GrantsDescription.effective(capabilities(), effective);
  }

  private Map<String, Object> section(Set<String> functions) {
    var section = new LinkedHashMap<String, Object>();
    section.put("functions", capabilities().ordered(functions));
    return section;
  }

  private Capabilities capabilities() {
    return explanation.granted().table();
  }

  private <R> Map<String, ?> describeRequest(Capability<R, ?, ?> capability) {
    return capability.describeRequest(explanation.requested().of(capability));
  }

  private <P> Map<String, ?> describePermit(Capability<?, P, ?> capability) {
    return capability.describePermit(explanation.granted().of(capability));
  }

  private Map<String, Object> limits() {
    return GrantsDescription.limits(effective);
  }
}
