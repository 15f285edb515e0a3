package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a module's fresh instances before any of its code ran: the pages that its data
 * segments fill; everything else is zero. Immutable.
 */
final class FreshMemory {
  private static final int PAGE = 4096;

  /** Changes are found in units of this many bytes, a line of the processor's cache. */
  private static final int LINE = 64;

  /** Copying this many bytes costs no more than another range does. */
  private static final int GAP = 192;

  private static final int PAGES_PER_CHECK = 256;
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[PAGE]);

  private final Map<Long, MemorySegment> filled;

  private FreshMemory(Map<Long, MemorySegment> filled) {
    this.filled = filled;
  }

  /** Reads the memory of an instance that has not run. */
  static FreshMemory of(MemorySegment memory) {
    var filled = new HashMap<Long, MemorySegment>();
    for (long page = 0; page < memory.byteSize(); page += PAGE) {
      if (differs(memory, page, ZEROS, 0, PAGE)) {
        filled.put(
            page, MemorySegment.ofArray(memory.asSlice(page, PAGE).toArray(ValueLayout.JAVA_BYTE)));
      }
    }
    return new FreshMemory(filled);
  }

  /**
   * Finds what differs in the memory of an instance that ran. Parts that are close to each other
   * are taken together with what is between them.
   *
   * @param maxBytes the search ends when the ranges would occupy more
   * @param stop asked now and then; the search ends when it is true
   * @return what was found, which is not all of it if the search ended early
   */
  MemoryRanges.Builder changesIn(MemorySegment memory, long maxBytes, BooleanSupplier stop) {
    var changes = new MemoryRanges.Builder(memory);
    for (long page = 0; page < memory.byteSize(); page += PAGE) {
      if (page % ((long) PAGE * PAGES_PER_CHECK) == 0 && stop.getAsBoolean()) {
        break;
      }
      var before = filledOrZero(page);
      if (differs(memory, page, before, 0, PAGE)) {
        for (int line = 0; line < PAGE; line += LINE) {
          if (differs(memory, page + line, before, line, LINE)) {
            changes.add(page + line, LINE, GAP);
          }
        }
        if (changes.bytes() > maxBytes) {
          break;
        }
      }
    }
    return changes;
  }

  private MemorySegment filledOrZero(long page) {
    @Nullable MemorySegment content = filled.get(page);
    return content == null ? ZEROS : content;
  }

  private static boolean differs(
      MemorySegment one, long offset, MemorySegment other, long otherOffset, int length) {
    return MemorySegment.mismatch(
            one, offset, offset + length, other, otherOffset, otherOffset + length)
        >= 0;
  }
}
