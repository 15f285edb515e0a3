package org.wasmbroker.sandbox.component;

import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/**
 * A descriptor of preview 1 as a component holds it: by its handle, and by those of the streams
 * over it, which may live longer. Once none of them is left it is closed; but for the directories
 * that a run begins with, which may be asked for again.
 */
final class Descriptor {
  private static final int APPEND = 1;

  private final int fd;
  private final boolean preopened;
  private final long syncFlags;
  private int holders = 1;
  private boolean appends;

  private Descriptor(int fd, boolean preopened, long syncFlags) {
    this.fd = fd;
    this.preopened = preopened;
    this.syncFlags = syncFlags;
  }

  /** A directory that the run begins with. */
  static Descriptor preopened(int fd) {
    return new Descriptor(fd, true, 0);
  }

  /**
   * What the component opened.
   *
   * @param syncFlags those of its {@code descriptor-flags} that ask for synchronized writes
   */
  static Descriptor opened(int fd, long syncFlags) {
    return new Descriptor(fd, false, syncFlags);
  }

  int fd() {
    return fd;
  }

  long syncFlags() {
    return syncFlags;
  }

  /** One more handle needs it. */
  void hold() {
    holders++;
  }

  /** One handle fewer needs it. */
  void release(ComponentCall call, Entry close) throws GuestStoppedException {
    holders--;
    if (holders > 0 || preopened) {
      call.count();
    } else {
      call.call(close, fd);
    }
  }

  /**
   * Has what is written next go to the end of the file, or not. The two kinds of streams over one
   * descriptor share its flag, as only with the flag nobody writes between the look at the end and
   * the write.
   */
  void append(ComponentCall call, Entry setFlags, boolean toEnd) throws GuestStoppedException {
    if (appends != toEnd) {
      call.call(setFlags, fd, toEnd ? APPEND : 0);
      appends = toEnd;
    }
  }
}
