package org.wasmbroker.sandbox.binary;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/** Makes a copy of a module with some sections replaced, added or removed. */
final class ModuleEditor {
  private static final byte[] EMPTY_SECTION = {0};
  private static final byte[] REMOVED = {};

  private final byte[] bytes;
  private final ModuleShape shape;
  private final Map<Integer, Section> sections = new HashMap<>();

  /** New contents, by the position of their section in the file. */
  private final TreeMap<Integer, byte[]> editedContents = new TreeMap<>();

  ModuleEditor(WasmBinary wasm, ModuleShape shape) {
    this.bytes = wasm.bytes();
    this.shape = shape;
    for (var section : shape.sections()) {
      sections.put(section.id(), section);
    }
  }

  void replace(int section, WasmWriter content) {
    editedContents.put(position(section), content.toBytes());
  }

  void remove(int section) {
    editedContents.put(position(section), REMOVED);
  }

  /**
   * Appends an entry to a section, which is created if there is none.
   *
   * @return the entry's index in the section
   */
  int append(int section, WasmWriter entry) {
    return append(section, 1, entry);
  }

  /**
   * Appends entries to a section, which is created if there is none.
   *
   * @return the index of the first one in the section
   */
  int append(int section, int entries, WasmWriter content) {
    byte[] current = content(section);
    var in = new WasmReader(current, 0, current.length);
    long count = in.u32("the number of entries");
    replace(
        section,
        new WasmWriter()
            .u32(count + entries)
            .raw(current, in.offset(), current.length)
            .raw(content));
    return (int) count;
  }

  private byte[] content(int section) {
    byte[] edited = editedContents.get(position(section));
    if (edited != null) {
      return edited;
    }
    var original = sections.get(section);
    return original == null
        ? EMPTY_SECTION
        : Arrays.copyOfRange(bytes, original.start(), original.end());
  }

  WasmBinary toBinary() {
    var copy = new WasmWriter().raw(bytes, 0, ModuleHeader.BYTES);
    var remaining = new TreeMap<>(editedContents);
    for (var section : shape.sections()) {
      if (section.id() != Section.CUSTOM) {
        write(copy, remaining.headMap(position(section.id())));
      }
      byte[] edited =
          section.id() == Section.CUSTOM ? null : remaining.remove(position(section.id()));
      if (edited == null) {
        copy.raw(bytes, section.header(), section.end());
      } else {
        write(copy, section.id(), edited);
      }
    }
    write(copy, remaining);
    return new WasmBinary(copy.toBytes());
  }

  /** Writes sections that the module did not have, and clears the map. */
  private static void write(WasmWriter copy, Map<Integer, byte[]> added) {
    added.forEach(
        (position, content) -> write(copy, ModuleParser.SECTION_ORDER.get(position), content));
    added.clear();
  }

  private static void write(WasmWriter copy, int section, byte[] content) {
    if (content.length > 0) {
      copy.u8(section).sized(new WasmWriter().raw(content, 0, content.length));
    }
  }

  private static int position(int section) {
    return ModuleParser.SECTION_ORDER.indexOf(section);
  }
}
