package org.wasmbroker.sandbox.component;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/** The types of {@code wasi:filesystem}, and how preview 1 says the same. */
final class FileTypes {
  static final String TYPE =
      "enum{unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file,"
          + " socket}";
  static final String DESCRIPTOR_FLAGS =
      "flags{read, write, file-integrity-sync, data-integrity-sync, requested-write-sync,"
          + " mutate-directory}";
  static final String OPEN_FLAGS = "flags{create, directory, exclusive, truncate}";
  static final String PATH_FLAGS = "flags{symlink-follow}";
  static final String ADVICE = "enum{normal, sequential, random, will-need, dont-need, no-reuse}";
  static final String HASH = "record{lower: u64, upper: u64}";
  static final String ENTRY = "record{type: " + TYPE + ", name: string}";

  private static final String DATETIME = "record{seconds: u64, nanoseconds: u32}";

  static final String NEW_TIMESTAMP = "variant{no-change, now, timestamp(" + DATETIME + ")}";
  static final String STAT =
      ("record{type: %s, link-count: u64, size: u64, data-access-timestamp: option<%s>,"
              + " data-modification-timestamp: option<%s>, status-change-timestamp: option<%s>}")
          .formatted(TYPE, DATETIME, DATETIME, DATETIME);

  // Of descriptor-flags.
  static final long READ = 1;
  static final long WRITE = 1 << 1;
  static final long MUTATE_DIRECTORY = 1 << 5;
  private static final long FILE_SYNC = 1 << 2;
  private static final long DATA_SYNC = 1 << 3;
  private static final long READ_SYNC = 1 << 4;
  private static final long ALL_SYNC = FILE_SYNC | DATA_SYNC | READ_SYNC;

  /** Bytes of a {@code filestat} of preview 1. */
  static final int STAT_BYTES = 64;

  /** Bytes of an {@code fdstat} of preview 1. */
  static final int FDSTAT_BYTES = 24;

  static final int DIRECTORY = 3;
  private static final int REGULAR_FILE = 6;

  /** The types of preview 1, each as a case of {@link #TYPE}. */
  private static final int[] TYPES = {0, 1, 2, DIRECTORY, REGULAR_FILE, 7, 7, 5};

  private static final long RIGHT_READ = 1 << 1;
  private static final long RIGHT_WRITE = 1 << 6;

  private static final int SET_ACCESS = 1;
  private static final int ACCESS_NOW = 2;
  private static final int SET_MODIFICATION = 4;
  private static final int MODIFICATION_NOW = 8;

  private static final long SECOND = 1_000_000_000;

  private FileTypes() {}

  static Choice error(int errno) {
    return error(FileErrorCode.of(errno));
  }

  static Choice error(FileErrorCode code) {
    return Choice.error(Choice.of(code.index()));
  }

  /** A result without a value. */
  static Choice result(int errno) {
    return errno == 0 ? Choice.OK : error(errno);
  }

  /** A type of preview 1, which are fewer. */
  static Choice type(int type) {
    return Choice.of(type < TYPES.length ? TYPES[type] : 0);
  }

  /** The rights of preview 1 with which something is opened. */
  static long rights(long descriptorFlags) {
    return ((descriptorFlags & READ) == 0 ? 0 : RIGHT_READ)
        | ((descriptorFlags & WRITE) == 0 ? 0 : RIGHT_WRITE);
  }

  /** Those of the flags that ask for synchronized writes. */
  static long syncFlags(long descriptorFlags) {
    return descriptorFlags & ALL_SYNC;
  }

  /** The same as flags of preview 1: {@code dsync} 2, {@code rsync} 8, {@code sync} 16. */
  static long fdFlags(long descriptorFlags) {
    return ((descriptorFlags & DATA_SYNC) == 0 ? 0 : 2)
        | ((descriptorFlags & READ_SYNC) == 0 ? 0 : 8)
        | ((descriptorFlags & FILE_SYNC) == 0 ? 0 : 16);
  }

  /** An {@code fdstat}. */
  record FdStat(int type, long rights) {
    static FdStat of(byte[] bytes) {
      return new FdStat(bytes[0], ComponentCall.memory(bytes).readI64(8));
    }

    boolean isFile() {
      return type != DIRECTORY;
    }

    boolean reads() {
      return (rights & RIGHT_READ) != 0;
    }

    boolean writes() {
      return (rights & RIGHT_WRITE) != 0;
    }
  }

  /** Which file it is: the device and the inode of a {@code filestat}. */
  record Identity(long device, long inode) {
    static Identity of(byte[] stat, int at) {
      var memory = ComponentCall.memory(stat);
      return new Identity(memory.readI64(at), memory.readI64(at + 8));
    }

    /**
     * As a {@code metadata-hash-value}. It is the same as long as the file is, also when it is
     * written: C libraries take its lower half for the number of the inode.
     */
    Object[] hash() {
      return new Object[] {device << 48 | inode, device};
    }
  }

  /** A {@code filestat} as a {@code descriptor-stat}. */
  static Object[] stat(byte[] bytes, int at) {
    var memory = ComponentCall.memory(bytes);
    return new Object[] {
      type(bytes[at + 16]),
      memory.readI64(at + 24),
      memory.readI64(at + 32),
      time(memory, at + 40),
      time(memory, at + 48),
      time(memory, at + 56)
    };
  }

  private static Choice time(GuestMemory memory, int at) {
    long nanos = memory.readI64(at);
    return Choice.some(
        new Object[] {Long.divideUnsigned(nanos, SECOND), Long.remainderUnsigned(nanos, SECOND)});
  }

  /**
   * Two {@code new-timestamp}s, as preview 1 has them.
   *
   * @param flags which of them are set, and to what
   * @param refused why they cannot be set; null if they can
   */
  record NewTimes(int flags, long access, long modification, @Nullable FileErrorCode refused) {
    static NewTimes of(Object access, Object modification) {
      var accessed = (Choice) access;
      var modified = (Choice) modification;
      var accessRefused = refusal(accessed);
      return new NewTimes(
          flag(accessed, ACCESS_NOW, SET_ACCESS)
              | flag(modified, MODIFICATION_NOW, SET_MODIFICATION),
          nanos(accessed),
          nanos(modified),
          accessRefused == null ? refusal(modified) : accessRefused);
    }

    private static int flag(Choice time, int now, int set) {
      return switch (time.index()) {
        case 0 -> 0;
        case 1 -> now;
        default -> set;
      };
    }

    private static @Nullable FileErrorCode refusal(Choice time) {
      if (!(time.value() instanceof Object[] datetime)) {
        return null;
      }
      long seconds = (long) datetime[0];
      return (long) datetime[1] >= SECOND
          ? FileErrorCode.INVALID
          : seconds < 0 || seconds >= Long.MAX_VALUE / SECOND ? FileErrorCode.OVERFLOW : null;
    }

    private static long nanos(Choice time) {
      return time.value() instanceof Object[] datetime
          ? (long) datetime[0] * SECOND + (long) datetime[1]
          : 0;
    }
  }

  /**
   * Bytes of the host: room for what a function answers, and behind it one path or two. One that is
   * longer than any path may be is cut where it still is.
   */
  static final class Paths {
    private final byte[] memory;
    private final int first;
    private final int firstLength;
    private final int secondLength;

    private Paths(int room, byte[] one, byte[] other) {
      this.memory = new byte[room + one.length + other.length];
      this.first = room;
      this.firstLength = one.length;
      this.secondLength = other.length;
      System.arraycopy(one, 0, memory, room, one.length);
      System.arraycopy(other, 0, memory, room + one.length, other.length);
    }

    static Paths of(ComponentCall call, int room, Object path) throws GuestStoppedException {
      return new Paths(room, copy(call, path), new byte[0]);
    }

    static Paths of(ComponentCall call, Object one, Object other) throws GuestStoppedException {
      return new Paths(0, copy(call, one), copy(call, other));
    }

    private static byte[] copy(ComponentCall call, Object path) throws GuestStoppedException {
      var span = (Span) Objects.requireNonNull(path);
      long length = Math.min(Integer.toUnsignedLong(span.length()), Piece.MAX_BYTES);
      return call.guest().memory().read(span.offset(), (int) length);
    }

    byte[] memory() {
      return memory;
    }

    int at() {
      return first;
    }

    int length() {
      return firstLength;
    }

    int secondAt() {
      return first + firstLength;
    }

    int secondLength() {
      return secondLength;
    }
  }
}
