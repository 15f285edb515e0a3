package org.wasmbroker.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.registry.Manifest;
import org.wasmbroker.sandbox.AbiFunction;
import tools.jackson.databind.json.JsonMapper;

/** Formats an explanation of what is granted, for people and as JSON. */
final class ExplanationFormatter {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NONE = "none";

  private final Manifest manifest;
  private final Explanation explanation;
  private final Grants effective;

  /**
   * @param effective including the limits that the manifest lowers for itself
   */
  ExplanationFormatter(Manifest manifest, Explanation explanation, Grants effective) {
    this.manifest = manifest;
    this.explanation = explanation;
    this.effective = effective;
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
    document.put("differences", explanation.differences());
    return JSON.writeValueAsString(document);
  }

  private Map<String, Object> requested() {
    var requested = explanation.requested();
    return section(
        requested.functions(),
        requested.http(),
        requested.allSecrets() ? List.of("*") : new TreeSet<>(requested.secrets()),
        requested.resourceClass());
  }

  private Map<String, Object> granted() {
    var granted = explanation.granted();
    return section(
        granted.allFunctions(),
        granted.http(),
        secrets(granted.secrets().values()),
        granted.resourceClass().name());
  }

  private Map<String, Object> effective() {
    var section =
        section(
            effective.functions(),
            effective.http().effective(),
            secrets(effective.secrets().values()),
            effective.resourceClass());
    section.put("time-resolution", effective.timeResolution().toString());
    section.put("new-work", effective.newWork());
    return section;
  }

  private static Map<String, Object> section(
      Set<AbiFunction> functions,
      List<?> destinations,
      Collection<?> secrets,
      @Nullable ResourceClassName resourceClass) {
    var section = new LinkedHashMap<String, Object>();
    section.put("functions", new TreeSet<>(functions).stream().map(AbiFunction::text).toList());
    section.put("destinations", destinations.stream().map(Object::toString).toList());
    section.put("secrets", secrets.stream().map(Object::toString).toList());
    section.put("class", resourceClass == null ? "any" : resourceClass.text());
    return section;
  }

  private static List<String> secrets(Collection<SecretGrant> secrets) {
    return secrets.stream()
        .map(
            secret ->
                "%s (%s%s)"
                    .formatted(
                        secret.name(),
                        secret.readable() ? "readable, " : "",
                        secret.boundTo().isEmpty()
                            ? "bound to no destination"
                            : "bound to " + String.join(", ", texts(secret.boundTo()))))
        .sorted()
        .toList();
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(Object::toString).toList();
  }

  private Map<String, Object> limits() {
    var limits = new LinkedHashMap<String, Object>();
    effective
        .limits()
        .values()
        .forEach((kind, value) -> limits.put(kind.text(), kind.unit().format(value)));
    return limits;
  }
}
