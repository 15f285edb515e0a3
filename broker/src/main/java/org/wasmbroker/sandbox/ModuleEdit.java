package org.wasmbroker.sandbox;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.sandbox.ModuleShape.Section;

/** Makes a copy of a module in which some sections are replaced, added or left out. */
final class ModuleEdit {
  private final byte[] bytes;
  private final Map<Integer, Section> sections = new HashMap<>();
  private final ModuleShape shape;

  /** New contents by the place of their section; an empty one leaves the section out. */
  private final Map<Integer, byte[]> contents = new TreeMap<>();

  ModuleEdit(WasmBinary wasm, ModuleShape shape) {
    this.bytes = wasm.bytes();
    this.shape = shape;
    for (var section : shape.sections()) {
      sections.put(section.id(), section);
    }
  }

  ModuleEdit replace(int section, WasmWriter content) {
    contents.put(place(section), content.toBytes());
    return this;
  }

  ModuleEdit leaveOut(int section) {
    contents.put(place(section), new byte[0]);
    return this;
  }

  /** Adds an entry at the end of a section, which is made if there is none. */
  ModuleEdit append(int section, WasmWriter entry) {
    var content = new WasmWriter();
    var old = sections.get(section);
    if (old == null) {
      content.u32(1);
    } else {
      var in = new WasmReader(bytes, old.start(), old.end());
      content.u32(in.u32("the number of entries") + 1).raw(bytes, in.at(), old.end());
    }
    return replace(section, content.raw(entry));
  }

  WasmBinary done() {
    var edited = new WasmWriter().raw(bytes, 0, ModuleParser.HEADER_BYTES);
    var rest = new TreeMap<>(contents);
    for (var section : shape.sections()) {
      if (section.id() == Section.CUSTOM) {
        edited.raw(bytes, section.header(), section.end());
        continue;
      }
      int place = place(section.id());
      while (!rest.isEmpty() && rest.firstKey() < place) {
        write(edited, rest.firstKey(), rest.pollFirstEntry().getValue());
      }
      byte[] content = rest.remove(place);
      if (content == null) {
        edited.raw(bytes, section.header(), section.end());
      } else {
        write(edited, place, content);
      }
    }
    rest.forEach((place, content) -> write(edited, place, content));
    return new WasmBinary(edited.toBytes());
  }

  private static void write(WasmWriter edited, int place, byte[] content) {
    if (content.length > 0) {
      edited
          .u8(ModuleParser.ORDER.get(place))
          .sized(new WasmWriter().raw(content, 0, content.length));
    }
  }

  private static int place(int section) {
    return ModuleParser.ORDER.indexOf(section);
  }
}
