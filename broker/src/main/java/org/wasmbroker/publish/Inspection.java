package org.wasmbroker.publish;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.CustomSections;
import org.wasmbroker.sandbox.binary.FeatureScan;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.component.ComponentBinary;
import org.wasmbroker.sandbox.component.ComponentValidator;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;

/**
 * What a module is, and what a broker would refuse about it, without running it. Whatever the bytes
 * are, the result is an inspection.
 *
 * @param module what was inspected
 * @param parts what the module is made of; empty if it is malformed, or a component
 * @param component what it is made of if it is a component; empty if it is malformed, or none
 * @param manifest empty if there is none, or it is not valid
 * @param release the layout in a registry, whose digest signatures name; empty without a manifest
 * @param refusals why a broker would not run it, for people; none if it would
 */
public record Inspection(
    WasmBinary module,
    Optional<Parts> parts,
    Optional<ComponentValidator.Summary> component,
    Optional<Manifest> manifest,
    Optional<OciLayout> release,
    List<String> refusals) {

  public Inspection {
    refusals = List.copyOf(refusals);
  }

  /** The module, read without an engine. */
  public record Parts(ModuleShape shape, FeatureScan features, CustomSections custom) {}

  /**
   * Inspects a module and its manifest.
   *
   * @param where they come from, for messages
   * @param document the manifest, or null if there is none
   * @param limits of the broker, which the manifest lowers
   */
  public static Inspection of(
      String where,
      WasmBinary module,
      @Nullable Document document,
      Engine engine,
      Limits limits,
      int maxModuleBytes) {
    var refusals = new LinkedHashSet<String>();
    var manifest = Optional.ofNullable(document).flatMap(json -> manifest(where, json, refusals));
    manifest.ifPresent(valid -> refusals.addAll(schemaProblems(valid)));
    var effective = manifest.map(valid -> valid.clamp(limits)).orElse(limits);
    refusals.addAll(GuestProblems.of(module, effective, maxModuleBytes));
    compile(engine, module, effective).ifPresent(refusals::add);
    return new Inspection(
        module,
        parts(module),
        component(module),
        manifest,
        release(where, module, document),
        new ArrayList<>(refusals));
  }

  private static Optional<Manifest> manifest(
      String where, Document document, Set<String> refusals) {
    try {
      return Optional.of(
          ManifestReader.read(document, ManifestReader.identify(document, where), where));
    } catch (ModuleSourceException invalid) {
      refusals.add(String.valueOf(invalid.getMessage()));
      return Optional.empty();
    }
  }

  private static Optional<OciLayout> release(
      String where, WasmBinary module, @Nullable Document document) {
    if (document == null) {
      return Optional.empty();
    }
    try {
      var id = ManifestReader.identify(document, where);
      return Optional.of(OciLayout.of(id, document, module));
    } catch (ModuleSourceException unnamed) {
      return Optional.empty(); // it is among the refusals
    }
  }

  /** The schemas that a broker does not use, but whoever writes a step does. */
  static List<String> schemaProblems(Manifest manifest) {
    var problems = new ArrayList<String>();
    check("config_schema", manifest.configSchema(), problems);
    check("input_schema", manifest.inputSchema(), problems);
    return problems;
  }

  private static void check(String member, @Nullable Document document, List<String> problems) {
    var error = document == null ? null : JsonSchema.of(document).compileError();
    if (error != null) {
      problems.add("manifest.json: /%s: cannot be used: %s".formatted(member, error));
    }
  }

  private static Optional<String> compile(Engine engine, WasmBinary module, Limits limits) {
    try (var _ = engine.compile(module, limits)) {
      return Optional.empty();
    } catch (ModuleRefusedException refused) {
      return Optional.of(String.valueOf(refused.getMessage()));
    }
  }

  private static Optional<ComponentValidator.Summary> component(WasmBinary module) {
    try {
      return ComponentBinary.isComponent(module)
          ? Optional.of(ComponentValidator.summary(module))
          : Optional.empty();
    } catch (ModuleRefusedException malformed) {
      return Optional.empty(); // it is among the refusals
    }
  }

  private static Optional<Parts> parts(WasmBinary module) {
    try {
      var shape = ModuleShape.of(module);
      return Optional.of(
          new Parts(shape, FeatureScan.of(module, shape), CustomSections.of(module, shape)));
    } catch (ModuleRefusedException malformed) {
      return Optional.empty(); // it is among the refusals
    }
  }
}
