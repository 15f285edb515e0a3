package org.wasmbroker.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Mutates modules, deterministically for a given seed. */
final class ModuleMutator {
  private static final int HEADER = 8;
  private static final int CODE = 10;
  private static final int[] INTERESTING_BYTES = {0, 1, 0x40, 0x7f, 0x80, 0xff, 0x0b, 0x60, 0x70};

  private final Random random;
  private final List<byte[]> corpus;

  ModuleMutator(Random random, List<byte[]> corpus) {
    this.random = random;
    this.corpus = corpus;
  }

  /** Not a record, since Error Prone forbids arrays in records. */
  private static final class Section {
    private final int id;
    private final byte[] content;

    Section(int id, byte[] content) {
      this.id = id;
      this.content = content;
    }
  }

  /** Applies one or more mutations, mostly of kinds that often leave the module valid. */
  byte[] mutate(byte[] module) {
    var changed = module;
    do {
      changed =
          switch (random.nextInt(16)) {
            case 0 -> replaceBytes(changed);
            case 1 -> flipBit(changed);
            case 2 -> cutOrRepeat(changed);
            case 3 -> truncate(changed);
            case 4, 5 -> rearrangeSections(changed);
            case 6 -> falsifyLengths(changed);
            default -> replaceInstructions(changed);
          };
    } while (random.nextInt(4) == 0);
    return changed;
  }

  private byte[] replaceBytes(byte[] module) {
    var changed = module.clone();
    for (int i = random.nextInt(4); i >= 0 && changed.length > 0; i--) {
      changed[random.nextInt(changed.length)] = randomByte();
    }
    return changed;
  }

  private byte[] flipBit(byte[] module) {
    var changed = module.clone();
    if (changed.length > 0) {
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  private byte[] cutOrRepeat(byte[] module) {
    int from = random.nextInt(module.length + 1);
    int to = Math.min(module.length, from + random.nextInt(20));
    var out = new ByteArrayOutputStream();
    out.write(module, 0, from);
    for (int times = random.nextInt(3); times > 0; times--) {
      out.write(module, from, to - from);
    }
    out.write(module, to, module.length - to);
    return out.toByteArray();
  }

  private byte[] truncate(byte[] module) {
    return Arrays.copyOf(module, random.nextInt(module.length + 1));
  }

  /** Removes, repeats, reorders sections, or replaces them with another module's. */
  private byte[] rearrangeSections(byte[] module) {
    var sections = sections(module);
    if (sections.isEmpty()) {
      return module;
    }
    int at = random.nextInt(sections.size());
    switch (random.nextInt(4)) {
      case 0 -> sections.remove(at);
      case 1 -> sections.add(at, sections.get(random.nextInt(sections.size())));
      case 2 -> Collections.swap(sections, at, random.nextInt(sections.size()));
      default -> {
        var others = sections(corpus.get(random.nextInt(corpus.size())));
        int id = sections.get(at).id;
        others.stream().filter(other -> other.id == id).forEach(one -> sections.set(at, one));
      }
    }
    var out = new ByteArrayOutputStream();
    out.write(module, 0, HEADER);
    for (var section : sections) {
      out.write(section.id);
      u32(out, section.content.length);
      out.writeBytes(section.content);
    }
    return out.toByteArray();
  }

  /** Changes the length or entry count at the start of a section. */
  private byte[] falsifyLengths(byte[] module) {
    var sections = sections(module);
    if (sections.isEmpty()) {
      return module;
    }
    int falsified = random.nextInt(sections.size());
    boolean falsifyCount = random.nextBoolean();
    var out = new ByteArrayOutputStream();
    out.write(module, 0, HEADER);
    for (int i = 0; i < sections.size(); i++) {
      var content = sections.get(i).content.clone();
      if (i == falsified && falsifyCount && content.length > 0) {
        content[0] = randomByte();
      }
      out.write(sections.get(i).id);
      u32(out, i == falsified && !falsifyCount ? wrongLength(content.length) : content.length);
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  /** Changes bytes of the code by one, which often makes another valid instruction. */
  private byte[] replaceInstructions(byte[] module) {
    var changed = module.clone();
    int start = codeStart(module);
    for (int i = random.nextInt(2); i >= 0 && start < module.length; i--) {
      int at = start + random.nextInt(module.length - start);
      changed[at] += (byte) (random.nextBoolean() ? 1 : -1);
    }
    return changed;
  }

  private byte randomByte() {
    return (byte)
        (random.nextBoolean()
            ? random.nextInt(256)
            : INTERESTING_BYTES[random.nextInt(INTERESTING_BYTES.length)]);
  }

  private long wrongLength(int correct) {
    return switch (random.nextInt(4)) {
      case 0 -> 0xffff_ffffL;
      case 1 -> Integer.MAX_VALUE;
      case 2 -> correct + 1L;
      default -> Math.max(0, correct - 1L);
    };
  }

  private static int codeStart(byte[] module) {
    int at = HEADER;
    for (var section : sections(module)) {
      if (section.id == CODE) {
        return at;
      }
      at += 2 + section.content.length;
    }
    return HEADER;
  }

  /** The sections as far as they can be read; the rest of a malformed file is ignored. */
  private static List<Section> sections(byte[] module) {
    var sections = new ArrayList<Section>();
    int at = HEADER;
    while (at < module.length) {
      int id = module[at++] & 0xff;
      long length = 0;
      for (int shift = 0; at < module.length && shift < 35; shift += 7) {
        int next = module[at++];
        length |= (next & 0x7fL) << shift;
        if (next >= 0) {
          break;
        }
      }
      int end = (int) Math.min(module.length, at + length);
      sections.add(new Section(id, Arrays.copyOfRange(module, Math.min(at, end), end)));
      at = end;
    }
    return sections;
  }

  private static void u32(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
