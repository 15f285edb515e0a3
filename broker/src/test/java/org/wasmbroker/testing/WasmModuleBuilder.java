package org.wasmbroker.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.sandbox.WasmBinary;

/**
 * Builds WebAssembly modules by hand, valid and invalid ones. Sections are written in their order;
 * types, functions and so on are numbered from 0 in the order of the calls.
 */
public final class WasmModuleBuilder {
  public static final int FUNCTION = 0;
  public static final int TABLE = 1;
  public static final int MEMORY = 2;
  public static final int GLOBAL = 3;

  private static final int CODE = 10;

  private final Map<Integer, Entries> sections = new TreeMap<>();
  private int types;

  /** A reactor that does nothing: one page of memory, {@code run: () -> ()}. */
  public static WasmModuleBuilder reactor() {
    return new WasmModuleBuilder().memory(1).export("memory", MEMORY, 0).run("->");
  }

  /** A type such as {@code ii->i}: i for i32, I for i64, f for f32, F for f64. */
  public WasmModuleBuilder type(String type) {
    var sides = type.split("->", 2);
    var entry = new ByteArrayOutputStream();
    entry.write(0x60);
    for (var side : sides) {
      u32(entry, side.length());
      side.chars().forEach(letter -> entry.write(0x7f - "iIfF".indexOf(letter)));
    }
    types++;
    return add(1, entry);
  }

  public WasmModuleBuilder importFunction(String module, String name, String type) {
    type(type);
    return importEntry(module, name, FUNCTION, types - 1);
  }

  /** An import of this kind, with the bytes of its type. */
  public WasmModuleBuilder importEntry(String module, String name, int kind, int... type) {
    var entry = new ByteArrayOutputStream();
    name(entry, module);
    name(entry, name);
    entry.write(kind);
    write(entry, type);
    return add(2, entry);
  }

  /** A function with its own type and these instructions as its body. */
  public WasmModuleBuilder function(String type, int... instructions) {
    type(type);
    var index = new ByteArrayOutputStream();
    u32(index, types - 1);
    add(3, index);
    var body = new ByteArrayOutputStream();
    body.write(0);
    write(body, instructions);
    body.write(0x0b);
    var entry = new ByteArrayOutputStream();
    u32(entry, body.size());
    entry.writeBytes(body.toByteArray());
    return add(CODE, entry);
  }

  /** Function 0 with this type, exported as {@code run}; for modules without imports. */
  public WasmModuleBuilder run(String type) {
    return function(type, type.endsWith("i") ? new int[] {0x41, 0} : new int[0])
        .export("run", FUNCTION, 0);
  }

  public WasmModuleBuilder table(long min) {
    return size(4, min, -1);
  }

  public WasmModuleBuilder table(long min, long max) {
    return size(4, min, max);
  }

  public WasmModuleBuilder memory(long min) {
    return size(5, min, -1);
  }

  public WasmModuleBuilder memory(long min, long max) {
    return size(5, min, max);
  }

  private WasmModuleBuilder size(int section, long min, long max) {
    var entry = new ByteArrayOutputStream();
    if (section == 4) {
      entry.write(0x70);
    }
    entry.write(max < 0 ? 0 : 1);
    u32(entry, min);
    if (max >= 0) {
      u32(entry, max);
    }
    return add(section, entry);
  }

  /** A mutable i32. */
  public WasmModuleBuilder global() {
    return raw(6, 1, 0x7f, 1, 0x41, 0, 0x0b);
  }

  public WasmModuleBuilder export(String name, int kind, int index) {
    var entry = new ByteArrayOutputStream();
    name(entry, name);
    entry.write(kind);
    u32(entry, index);
    return add(7, entry);
  }

  /** Makes a function run at instantiation. */
  public WasmModuleBuilder start(int index) {
    sections.computeIfAbsent(8, id -> new Entries()).count = index; // an index, not a count
    return this;
  }

  /** A data segment at the start of the memory. */
  public WasmModuleBuilder data(byte[] bytes) {
    var entry = new ByteArrayOutputStream();
    write(entry, 0, 0x41, 0, 0x0b);
    u32(entry, bytes.length);
    entry.writeBytes(bytes);
    return add(11, entry);
  }

  /** Adds bytes to a section, as this many entries. */
  public WasmModuleBuilder raw(int section, int entries, int... bytes) {
    var content = sections.computeIfAbsent(section, id -> new Entries());
    content.count += entries;
    write(content.bytes, bytes);
    return this;
  }

  private WasmModuleBuilder add(int section, ByteArrayOutputStream entry) {
    var content = sections.computeIfAbsent(section, id -> new Entries());
    content.count++;
    content.bytes.writeBytes(entry.toByteArray());
    return this;
  }

  public byte[] toBytes() {
    var module = new ByteArrayOutputStream();
    write(module, 0, 'a', 's', 'm', 1, 0, 0, 0);
    sections.forEach(
        (id, entries) -> {
          var content = new ByteArrayOutputStream();
          u32(content, entries.count);
          content.writeBytes(entries.bytes.toByteArray());
          module.write(id);
          u32(module, content.size());
          module.writeBytes(content.toByteArray());
        });
    return module.toByteArray();
  }

  public WasmBinary toWasm() {
    return new WasmBinary(toBytes());
  }

  private static void name(ByteArrayOutputStream out, String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    u32(out, utf8.length);
    out.writeBytes(utf8);
  }

  private static void u32(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static void write(ByteArrayOutputStream out, int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
  }

  private static final class Entries {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int count;
  }
}
