package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.FileTypes.ENTRY;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * A {@code directory-entry-stream}, over {@code fd_readdir}. Nothing is read in advance: what has
 * been removed since the last entry does not come any more, and what was added comes.
 */
final class DirectoryListing {
  private static final int USED = 0;
  private static final int BUFFER = 8;
  private static final int DIRENT = 24;
  private static final int MAX_NAME_BYTES = 255;

  /** The directory itself, the one above it, and the entry with the longest name. */
  private static final int ROOM = DIRENT + 1 + DIRENT + 2 + DIRENT + MAX_NAME_BYTES;

  private final Entry list;
  private final Entry close;

  DirectoryListing(Entry list, Entry close) {
    this.list = list;
    this.close = close;
  }

  /** Where a guest is in the list of a directory. */
  private static final class Position {
    private final Descriptor directory;

    /** The number of the last entry that was given; 0 at the beginning. */
    private long last;

    Position(Descriptor directory) {
      this.directory = directory;
    }
  }

  void define(ComponentFunctions functions) {
    functions.define(
        Filesystem.TYPES,
        "[method]descriptor.read-directory",
        "func(borrow<descriptor>) -> result<own<directory-entry-stream>, "
            + FileErrorCode.TYPE
            + ">",
        (call, arguments) -> {
          var directory = (Descriptor) arguments[0];
          int errno = (int) call.callOn(new byte[BUFFER], list, directory.fd(), BUFFER, 0, 0, USED);
          if (errno != 0) {
            return FileTypes.error(errno);
          }
          directory.hold();
          return Choice.ok(new Position(directory));
        });
    functions.define(
        Filesystem.TYPES,
        "[method]directory-entry-stream.read-directory-entry",
        "func(borrow<directory-entry-stream>) -> result<option<"
            + ENTRY
            + ">, "
            + FileErrorCode.TYPE
            + ">",
        (call, arguments) -> next(call, (Position) arguments[0]));
    functions
        .droppers()
        .add(
            "directory-entry-stream",
            (call, position) -> ((Position) position).directory.release(call, close));
  }

  private Choice next(ComponentCall call, Position position) throws GuestStoppedException {
    while (true) {
      var memory = new byte[BUFFER + ROOM];
      int errno =
          (int)
              call.callOn(memory, list, position.directory.fd(), BUFFER, ROOM, position.last, USED);
      if (errno != 0) {
        return FileTypes.error(errno);
      }
      int used = ComponentCall.memory(memory).readI32(USED);
      var entry = first(memory, BUFFER + used, position);
      if (entry != null) {
        return Choice.ok(Choice.some(entry));
      }
      if (used < ROOM) {
        return Choice.ok(Choice.NONE);
      }
    }
  }

  /** The first entry that is neither the directory itself nor the one above it, or null. */
  private static Object @Nullable [] first(byte[] memory, int end, Position position) {
    var view = ComponentCall.memory(memory);
    int at = BUFFER;
    while (at + DIRENT <= end) {
      int name = at + DIRENT;
      int length = view.readI32(at + 16);
      if (name + length > end) {
        break; // cut off
      }
      position.last = view.readI64(at);
      if (!isDots(memory, name, length)) {
        return new Object[] {
          FileTypes.type(memory[at + 20]), Arrays.copyOfRange(memory, name, name + length)
        };
      }
      at = name + length;
    }
    return null;
  }

  private static boolean isDots(byte[] memory, int at, int length) {
    return memory[at] == '.' && (length == 1 || (length == 2 && memory[at + 1] == '.'));
  }
}
