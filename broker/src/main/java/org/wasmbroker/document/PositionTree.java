package org.wasmbroker.document;

import java.util.HashMap;
import java.util.Map;

/** Where a value and all below it were written; that of a member is where its name stands. */
final class PositionTree {
  private final int line;
  private final int column;
  private Map<String, PositionTree> children = Map.of();

  PositionTree(int line, int column) {
    this.line = line;
    this.column = column;
  }

  /** Adds a child; of two with one name the later one, since that is the one to complain about. */
  PositionTree child(String token, PositionTree child) {
    if (children.isEmpty()) {
      children = new HashMap<>();
    }
    children.put(token, child);
    return child;
  }

  /** The location of the value, or else of the nearest one around it. */
  Location locate(String source, JsonPointer pointer) {
    var at = this;
    for (var token : pointer.tokens()) {
      var next = at.children.get(token);
      if (next == null) {
        break;
      }
      at = next;
    }
    return new Location(source, at.line, at.column);
  }
}
