package org.wasmbroker.sandbox;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.sandbox.ModuleShape.Section;

/** Makes a copy of a module in which some sections are replaced, added or left out. */
final class ModuleEdit {
  private static final byte[] NO_ENTRIES = {0};
  private static final byte[] LEFT_OUT = {};

  private final byte[] bytes;
  private final ModuleShape shape;
  private final Map<Integer, Section> sections = new HashMap<>();

  /** New contents, by the place of their section in the file. */
  private final TreeMap<Integer, byte[]> contents = new TreeMap<>();

  ModuleEdit(WasmBinary wasm, ModuleShape shape) {
    this.bytes = wasm.bytes();
    this.shape = shape;
    for (var section : shape.sections()) {
      sections.put(section.id(), section);
    }
  }

  void replace(int section, WasmWriter content) {
    contents.put(place(section), content.toBytes());
  }

  void leaveOut(int section) {
    contents.put(place(section), LEFT_OUT);
  }

  /**
   * Adds an entry at the end of a section, which is made if there is none.
   *
   * @return the entry's number in the section, from 0
   */
  int append(int section, WasmWriter entry) {
    byte[] old = content(section);
    var in = new WasmReader(old, 0, old.length);
    long count = in.u32("the number of entries");
    replace(section, new WasmWriter().u32(count + 1).raw(old, in.at(), old.length).raw(entry));
    return (int) count;
  }

  private byte[] content(int section) {
    byte[] edited = contents.get(place(section));
    if (edited != null) {
      return edited;
    }
    var original = sections.get(section);
    return original == null
        ? NO_ENTRIES
        : Arrays.copyOfRange(bytes, original.start(), original.end());
  }

  WasmBinary done() {
    var copy = new WasmWriter().raw(bytes, 0, ModuleParser.HEADER_BYTES);
    var rest = new TreeMap<>(contents);
    for (var section : shape.sections()) {
      if (section.id() != Section.CUSTOM) {
        write(copy, rest.headMap(place(section.id())));
      }
      byte[] edited = section.id() == Section.CUSTOM ? null : rest.remove(place(section.id()));
      if (edited == null) {
        copy.raw(bytes, section.header(), section.end());
      } else {
        write(copy, section.id(), edited);
      }
    }
    write(copy, rest);
    return new WasmBinary(copy.toBytes());
  }

  /** Writes sections that the module did not have, and forgets them. */
  private static void write(WasmWriter copy, Map<Integer, byte[]> added) {
    added.forEach((place, content) -> write(copy, ModuleParser.ORDER.get(place), content));
    added.clear();
  }

  private static void write(WasmWriter copy, int section, byte[] content) {
    if (content.length > 0) {
      copy.u8(section).sized(new WasmWriter().raw(content, 0, content.length));
    }
  }

  private static int place(int section) {
    return ModuleParser.ORDER.indexOf(section);
  }
}
