package org.wasmbroker.sandbox.files;

/**
 * A file or a directory. Those of a tree that is only read are shared by the runs of many steps and
 * never changed.
 */
public abstract sealed class Node permits Directory, RegularFile {
  private final long inode;
  private long accessTime;
  private long modificationTime;
  private long changeTime;

  /** How many descriptors it has; counted in trees that can be written. */
  private int descriptors;

  private boolean removed;

  /**
   * @param inode unique in its tree
   * @param time of its creation, nanoseconds since 1970
   */
  Node(long inode, long time) {
    this.inode = inode;
    this.accessTime = time;
    this.modificationTime = time;
    this.changeTime = time;
  }

  public long inode() {
    return inode;
  }

  /** Nanoseconds since 1970, as all times. */
  public long accessTime() {
    return accessTime;
  }

  public long modificationTime() {
    return modificationTime;
  }

  public long changeTime() {
    return changeTime;
  }

  /** In bytes; 0 for a directory. */
  public abstract long size();

  void modified(long time) {
    modificationTime = time;
    changeTime = time;
  }

  void setTimes(long access, long modification, long now) {
    accessTime = access;
    modificationTime = modification;
    changeTime = now;
  }

  boolean isRemoved() {
    return removed;
  }

  /** How many names it has: 1, or 0 once it is removed and still open. */
  public int links() {
    return removed ? 0 : 1;
  }

  void remove(Space space) {
    removed = true;
    freeIfUnused(space);
  }

  void opened() {
    descriptors++;
  }

  void closed(Space space) {
    descriptors--;
    freeIfUnused(space);
  }

  private void freeIfUnused(Space space) {
    if (removed && descriptors == 0) {
      free(space);
    }
  }

  abstract void free(Space space);
}
