package org.wasmbroker.sandbox.binary;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;
import org.wasmbroker.step.SafeText;

/**
 * The sections of a module that do not run: names for debuggers, and who made it. Texts are
 * sanitised.
 *
 * @param sections in the order of the file
 * @param producers what the section {@code producers} says: fields such as {@code language} and
 *     {@code processed-by}, each with values such as {@code rustc 1.90.0}; empty if it is absent or
 *     malformed
 */
public record CustomSections(List<Custom> sections, Map<String, List<String>> producers) {
  private static final int MAX_FIELDS = 10;
  private static final int MAX_VALUES = 50;
  private static final int MAX_TEXT = 100;

  /** A section's name and the size of its content in bytes. */
  public record Custom(String name, int bytes) {}

  /**
   * Reads the names and the producers.
   *
   * @param shape the shape of this binary
   */
  public static CustomSections of(WasmBinary wasm, ModuleShape shape) {
    var sections = new ArrayList<Custom>();
    Map<String, List<String>> producers = Map.of();
    for (var section : shape.sections()) {
      if (section.id() == Section.CUSTOM) {
        var in = new WasmReader(wasm.bytes(), section.start(), section.end());
        var name = in.name("the name of a custom section");
        sections.add(new Custom(SafeText.sanitize(name, MAX_TEXT), section.end() - in.offset()));
        if (name.equals("producers")) {
          producers = producers(in);
        }
      }
    }
    return new CustomSections(sections, producers);
  }

  private static Map<String, List<String>> producers(WasmReader in) {
    var fields = new LinkedHashMap<String, List<String>>();
    try {
      int count = in.intUpTo(MAX_FIELDS, "the number of fields");
      for (int field = 0; field < count; field++) {
        var name = text(in);
        int values = in.intUpTo(MAX_VALUES, "the number of values");
        var read = new ArrayList<String>();
        for (int value = 0; value < values; value++) {
          read.add((text(in) + " " + text(in)).strip());
        }
        fields.put(name, List.copyOf(read));
      }
      return fields;
    } catch (ModuleRefusedException malformed) {
      return Map.of(); // it means nothing to any engine
    }
  }

  private static String text(WasmReader in) {
    return SafeText.sanitize(in.name("a text of the producers"), MAX_TEXT);
  }
}
