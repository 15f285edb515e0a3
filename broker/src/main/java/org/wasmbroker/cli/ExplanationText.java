package org.wasmbroker.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.grant.SecretGrant;
import org.wasmbroker.registry.Manifest;
import org.wasmbroker.sandbox.AbiFunction;
import tools.jackson.databind.json.JsonMapper;

/** An explanation of what is granted, for people and for programs. */
final class ExplanationText {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NONE = "none";

  private final Manifest manifest;
  private final Explanation explanation;
  private final Grants holds;

  /**
   * @param holds with the limits that the manifest lowers for itself
   */
  ExplanationText(Manifest manifest, Explanation explanation, Grants holds) {
    this.manifest = manifest;
    this.explanation = explanation;
    this.holds = holds;
  }

  void print(Console console) {
    var granted = explanation.granted();
    console.line(console.bold(manifest.name() + "@" + manifest.version()));
    console.line(
        granted.policy() == null
            ? "no policy file: the basic functions alone are granted"
            : "policy sha256:%s, of which count: %s"
                .formatted(granted.policy(), String.join(", ", granted.rules())));
    part(console, "asked", asked());
    part(console, "granted", granted());
    part(console, "holds", holds());
    console.line("");
    console.line(console.bold("limits"));
    limits().forEach((name, value) -> console.line("  %-16s %s".formatted(name, value)));
    console.line("");
    console.line(console.bold("why not more"));
    if (explanation.differences().isEmpty()) {
      console.line("  everything that is asked for is granted");
    }
    explanation.differences().forEach(line -> console.line("  - " + line));
  }

  private static void part(Console console, String title, Map<String, Object> part) {
    console.line("");
    console.line(console.bold(title));
    part.forEach(
        (name, value) ->
            console.line(
                "  %-16s %s"
                    .formatted(
                        name, value instanceof Collection<?> several ? lines(several) : value)));
  }

  private static String lines(Collection<?> several) {
    var texts = several.stream().map(Object::toString).toList();
    return texts.isEmpty() ? NONE : String.join("\n" + " ".repeat(19), texts);
  }

  String json() {
    var document = new LinkedHashMap<String, @Nullable Object>();
    var digest = explanation.granted().policy();
    document.put("handler", manifest.name());
    document.put("version", manifest.version().toString());
    document.put("policy", digest == null ? null : digest.hex());
    document.put("rules", explanation.granted().rules());
    document.put("asked", asked());
    document.put("granted", granted());
    document.put("holds", holds());
    document.put("limits", limits());
    document.put("differences", explanation.differences());
    return JSON.writeValueAsString(document);
  }

  private Map<String, Object> asked() {
    var asked = explanation.requested();
    return part(
        asked.functions(),
        asked.http(),
        asked.allSecrets() ? List.of("*") : new TreeSet<>(asked.secrets()),
        asked.resourceClass());
  }

  private Map<String, Object> granted() {
    var granted = explanation.granted();
    return part(
        granted.allFunctions(),
        granted.http(),
        secrets(granted.secrets().values()),
        granted.resourceClass().name());
  }

  private Map<String, Object> holds() {
    var part =
        part(
            holds.functions(),
            holds.http().effective(),
            secrets(holds.secrets().values()),
            holds.resourceClass());
    part.put("time-resolution", holds.timeResolution().toString());
    part.put("new-work", holds.newWork());
    return part;
  }

  private static Map<String, Object> part(
      Set<AbiFunction> functions,
      List<?> destinations,
      Collection<?> secrets,
      @Nullable ResourceClassName resourceClass) {
    var part = new LinkedHashMap<String, Object>();
    part.put("functions", new TreeSet<>(functions).stream().map(AbiFunction::text).toList());
    part.put("destinations", destinations.stream().map(Object::toString).toList());
    part.put("secrets", secrets.stream().map(Object::toString).toList());
    part.put("class", resourceClass == null ? "any" : resourceClass.text());
    return part;
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

  private static List<String> texts(List<?> things) {
    return things.stream().map(Object::toString).toList();
  }

  private Map<String, Object> limits() {
    var limits = new LinkedHashMap<String, Object>();
    holds
        .limits()
        .values()
        .forEach((kind, value) -> limits.put(kind.text(), kind.measuredIn().show(value)));
    return limits;
  }
}
