package org.wasmbroker.sandbox.files;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory. Its entries are listed in the order in which they were added, each with a number
 * that no other entry ever has, so that a list that is read in pieces neither repeats nor skips one
 * that stays.
 */
public final class Directory extends Node {
  /** The numbers 1 and 2 are those of the directory itself and of the one above it. */
  private static final long FIRST_NUMBER = 3;

  /** An entry in the list. */
  public record Entry(String name, Node node) {}

  private record Place(long number, Node node) {}

  private final Map<String, Place> places = new HashMap<>();
  private final NavigableMap<Long, Entry> list = new TreeMap<>();
  private long nextNumber = FIRST_NUMBER;

  /** Null for the root of a tree. */
  private @Nullable Directory parent;

  Directory(long inode, long time) {
    super(inode, time);
  }

  @Override
  public long size() {
    return 0;
  }

  @Nullable Node get(String name) {
    var place = places.get(name);
    return place == null ? null : place.node();
  }

  /** Adds an entry under a name that is free. */
  void add(String name, Node node) {
    places.put(name, new Place(nextNumber, node));
    list.put(nextNumber, new Entry(name, node));
    nextNumber++;
    if (node instanceof Directory directory) {
      directory.parent = this;
    }
  }

  void take(String name) {
    var place = places.remove(name);
    if (place != null) {
      list.remove(place.number());
    }
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  /** The entry after that number, with its own; null at the end. */
  public Map.@Nullable Entry<Long, Entry> after(long number) {
    return list.higherEntry(number);
  }

  /** All entries in their order. */
  public Iterable<Entry> entries() {
    return list.values();
  }

  /** Whether this is the other one, or below it. */
  boolean isWithin(Directory other) {
    Directory at = this;
    while (at != null) {
      if (at == other) {
        return true;
      }
      at = at.parent;
    }
    return false;
  }

  @Override
  void free(Space space) {
    // Only an empty one is removed, and its entry is counted where its name was.
  }
}
