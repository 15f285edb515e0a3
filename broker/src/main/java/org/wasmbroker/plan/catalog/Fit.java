package org.wasmbroker.plan.catalog;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.wasmbroker.document.Names;
import tools.jackson.databind.JsonNode;

/**
 * Whether the values of one schema are accepted by another, as far as their structure tells: types,
 * members and elements are compared, other keywords are not.
 *
 * @param reason what decides it, a phrase that follows the place
 */
record Fit(Verdict verdict, String reason) {
  /** From bad to good. */
  enum Verdict {
    DOES_NOT_FIT,
    MAY_FIT,
    FITS
  }

  private static final Fit FITS = new Fit(Verdict.FITS, "is accepted");

  private static final int MAX_LEVELS = 20;

  /** What {@link #of} looks at, and what says nothing about values. */
  private static final Set<String> COMPARED =
      Set.of(
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "$ref",
          "definitions",
          "title",
          "description",
          "default",
          "examples",
          "type",
          "properties",
          "required",
          "items",
          "additionalProperties",
          Schemas.MEANS);

  /**
   * @param output a schema, a missing node if nothing is known of the output
   * @param input a schema, a missing node if any value is accepted
   */
  static Fit of(JsonNode output, JsonNode input) {
    if (acceptsAll(input)) {
      return new Fit(Verdict.FITS, "accepts any value");
    }
    if (acceptsAll(output)) {
      return new Fit(Verdict.MAY_FIT, "is of no known form, which the configuration decides");
    }
    return new Comparison(output, input).of(output, input, "the value", 0);
  }

  private static boolean acceptsAll(JsonNode schema) {
    return schema.isMissingNode()
        || (schema.isBoolean() && schema.booleanValue())
        || (schema.isObject()
            && schema.propertyNames().stream()
                .noneMatch(
                    name ->
                        !COMPARED.contains(name)
                            || Set.of("$ref", "type", "properties", "required", "items")
                                .contains(name)));
  }

  private record Comparison(JsonNode outputRoot, JsonNode inputRoot) {
    Fit of(JsonNode output, JsonNode input, String place, int level) {
      var out = Schemas.resolve(outputRoot, output);
      var in = Schemas.resolve(inputRoot, input);
      if (out.isEmpty() || in.isEmpty() || level > MAX_LEVELS) {
        return new Fit(Verdict.MAY_FIT, place + " refers to a schema that is not followed");
      }
      if (acceptsAll(in.orElseThrow())) {
        return FITS;
      }
      return compare(out.orElseThrow(), in.orElseThrow(), place, level);
    }

    private Fit compare(JsonNode output, JsonNode input, String place, int level) {
      var fit = types(output, input, place);
      if (fit.verdict() == Verdict.DOES_NOT_FIT) {
        return fit;
      }
      for (var name : Schemas.required(input)) {
        fit = worse(fit, required(output, name, place));
      }
      for (var member : input.path("properties").properties()) {
        var promised = output.path("properties").get(member.getKey());
        if (promised != null) {
          fit =
              worse(fit, of(promised, member.getValue(), place + "." + member.getKey(), level + 1));
        }
      }
      if (input.has("items") && output.has("items")) {
        fit = worse(fit, of(output.get("items"), input.get("items"), place + "[]", level + 1));
      }
      return worse(fit, uncompared(output, input, place).orElse(FITS));
    }

    private Fit types(JsonNode output, JsonNode input, String place) {
      var given = Schemas.types(outputRoot, output);
      var accepted = new LinkedHashSet<>(Schemas.types(inputRoot, input));
      if (accepted.contains("number")) {
        accepted.add("integer");
      }
      if (accepted.containsAll(given)) {
        return FITS;
      }
      boolean never =
          given.stream().noneMatch(accepted::contains)
              && !(given.contains("number") && accepted.contains("integer"));
      return new Fit(
          never ? Verdict.DOES_NOT_FIT : Verdict.MAY_FIT,
          "%s is of type %s, accepted: %s"
              .formatted(place, Names.list(given), Names.list(accepted)));
    }

    private static Fit required(JsonNode output, String name, String place) {
      if (Schemas.required(output).contains(name)) {
        return FITS;
      }
      boolean closed =
          output.path("additionalProperties").isBoolean()
              && !output.get("additionalProperties").booleanValue();
      return output.path("properties").has(name) || !closed
          ? new Fit(Verdict.MAY_FIT, "%s has '%s' perhaps; it is needed".formatted(place, name))
          : new Fit(Verdict.DOES_NOT_FIT, "%s never has '%s'; it is needed".formatted(place, name));
    }

    private static Optional<Fit> uncompared(JsonNode output, JsonNode input, String place) {
      return input.properties().stream()
          .filter(member -> !COMPARED.contains(member.getKey()))
          .filter(member -> !member.getValue().equals(output.get(member.getKey())))
          .findFirst()
          .map(
              member ->
                  new Fit(
                      Verdict.MAY_FIT,
                      "%s has to satisfy %s, which is not compared"
                          .formatted(place, member.getKey())));
    }

    private static Fit worse(Fit one, Fit other) {
      return other.verdict().compareTo(one.verdict()) < 0 ? other : one;
    }
  }
}
