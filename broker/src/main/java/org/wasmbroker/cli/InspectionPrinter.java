package org.wasmbroker.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.publish.Inspection;
import org.wasmbroker.publish.Inspection.Parts;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;
import org.wasmbroker.step.SafeText;

/**
 * An inspection as a document of plain values, in the order in which people read it: the JSON of
 * {@code --json} is these, and the text has a line for each.
 */
final class InspectionPrinter {
  private static final int MAX_NAME = 100;
  private static final int MAX_NAMES = 200;

  private InspectionPrinter() {}

  static Map<String, @Nullable Object> document(Inspection inspection) {
    var document = new LinkedHashMap<String, @Nullable Object>();
    inspection.manifest().ifPresent(manifest -> describe(manifest, document));
    document.put("module", Descriptor.text(inspection.module().digest()));
    document.put("bytes", inspection.module().size());
    inspection.parts().ifPresent(parts -> describe(parts, document));
    inspection
        .component()
        .ifPresent(
            component -> {
              document.put("kind", "component");
              document.put("imports", names(component.imports()));
              document.put("exports", names(component.exports()));
              document.put("core_modules", component.modules());
            });
    inspection
        .release()
        .ifPresent(release -> document.put("digest", Descriptor.text(release.digest())));
    document.put("refused", inspection.refusals());
    return document;
  }

  /** The manifest's part of it. */
  static void describe(Manifest manifest, Map<String, @Nullable Object> document) {
    document.put("handler", manifest.name());
    document.put("version", manifest.version().toString());
    document.put("description", manifest.description());
    document.put("functions", Capabilities.STANDARD.ordered(manifest.capabilities().functions()));
    for (var capability : Capabilities.STANDARD.all()) {
      document.putAll(request(capability, manifest));
    }
    document.put("memory_limit", manifest.memoryBytes());
    document.put("time_limit_ms", millis(manifest.timeout()));
    document.put("class", text(manifest.capabilities().resourceClass()));
    document.put("examples", manifest.examples().size());
  }

  private static <R> Map<String, ?> request(Capability<R, ?, ?> capability, Manifest manifest) {
    return capability.describeRequest(manifest.capabilities().of(capability));
  }

  private static @Nullable Long millis(@Nullable Duration time) {
    return time == null ? null : time.toMillis();
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static void describe(Parts parts, Map<String, @Nullable Object> document) {
    var shape = parts.shape();
    document.put("imports", imports(shape));
    document.put("exports", names(shape.exports().stream().map(ModuleShape.Export::name).toList()));
    document.put("memory", sizes(shape.memories(), ModuleShape.PAGE_BYTES));
    document.put("tables", sizes(shape.tables().stream().map(ModuleShape.Table::size).toList(), 1));
    var features =
        new ArrayList<>(parts.features().features().stream().map(Object::toString).toList());
    if (!parts.features().complete()) {
      features.add("(unknown instructions)");
    }
    document.put("features", features);
    document.put(
        "custom_sections",
        names(
            parts.custom().sections().stream()
                .map(section -> section.name() + " (" + section.bytes() + " bytes)")
                .toList()));
    document.put("producers", parts.custom().producers());
  }

  private static Map<String, List<String>> imports(ModuleShape shape) {
    var byModule = new TreeMap<String, List<String>>();
    for (var one : shape.imports()) {
      byModule
          .computeIfAbsent(SafeText.sanitize(one.module(), MAX_NAME), name -> new ArrayList<>())
          .add(one.name());
    }
    byModule.replaceAll((module, names) -> names(names));
    return byModule;
  }

  /** Untrusted names, not too many of them. */
  private static List<String> names(List<String> names) {
    var shown =
        names.stream()
            .limit(MAX_NAMES)
            .map(name -> SafeText.sanitize(name, MAX_NAME))
            .collect(Collectors.toCollection(ArrayList::new));
    if (names.size() > MAX_NAMES) {
      shown.add("(%d more)".formatted(names.size() - MAX_NAMES));
    }
    return shown;
  }

  private static List<Map<String, @Nullable Long>> sizes(List<Size> sizes, long unit) {
    return sizes.stream()
        .map(
            size -> {
              var described = new LinkedHashMap<String, @Nullable Long>();
              described.put("min", size.min() * unit);
              described.put("max", size.max() == Size.UNBOUNDED ? null : size.max() * unit);
              return (Map<String, @Nullable Long>) described;
            })
        .toList();
  }
}
