package org.wasmbroker.sandbox.component;

import java.util.Arrays;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * Bytes on their way between a component and a function of preview 1 that transfers bytes: in a
 * memory of the host, after a list of one range, which is them, and the place for how many were
 * transferred.
 */
final class Piece {
  /** What a stream takes and gives at once at most. */
  static final int MAX_BYTES = 64 << 10;

  private static final int COUNT = 8;

  /** Where the bytes begin. */
  static final int START = 16;

  private final byte[] memory;

  /**
   * Zeros.
   *
   * @param count at most {@link #MAX_BYTES}
   */
  Piece(int count) {
    this.memory = new byte[START + count];
    var view = view();
    view.writeI32(0, START);
    view.writeI32(4, count);
  }

  /** A copy of bytes. */
  static Piece of(byte[] bytes) {
    var piece = new Piece(bytes.length);
    System.arraycopy(bytes, 0, piece.memory, START, bytes.length);
    return piece;
  }

  /** A copy of what a guest gives, from a place in it on, as far as one piece goes. */
  static Piece from(ComponentCall call, Span span, int done) throws GuestStoppedException {
    long left = Integer.toUnsignedLong(span.length() - done);
    var piece = new Piece((int) Math.min(MAX_BYTES, left));
    call.guest().memory().readInto(span.offset() + done, piece.memory, START, piece.count());
    return piece;
  }

  private GuestMemory view() {
    return ComponentCall.memory(memory);
  }

  int count() {
    return memory.length - START;
  }

  /** Its bytes, from {@link #START} on. */
  byte[] memory() {
    return memory;
  }

  /** Calls {@code fd_read} or {@code fd_write}; returns its error number. */
  int callOn(ComponentCall call, Entry transfer, int fd) throws GuestStoppedException {
    return (int) call.callOn(memory, transfer, fd, 0, 1, COUNT);
  }

  /** Calls {@code fd_pread} or {@code fd_pwrite}; returns its error number. */
  int callOn(ComponentCall call, Entry transfer, int fd, long offset) throws GuestStoppedException {
    return (int) call.callOn(memory, transfer, fd, 0, 1, offset, COUNT);
  }

  /** A copy of what was read. */
  byte[] transferred() {
    return Arrays.copyOfRange(memory, START, START + view().readI32(COUNT));
  }
}
