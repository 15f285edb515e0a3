package org.wasmbroker.document;

import java.util.HashMap;
import java.util.Map;

/**
 * The positions of a value and of all values in it; the position of a member is that of its name.
 */
final class PositionTree {
  private final int line;
  private final int column;
  private Map<String, PositionTree> children = Map.of();

  PositionTree(int line, int column) {
    this.line = line;
    this.column = column;
  }

  /**
   * Adds a child; of two with the same name the later one wins, since that is the one to report.
   */
  PositionTree child(String token, PositionTree child) {
    if (children.isEmpty()) {
      children = new HashMap<>();
    }
    children.put(token, child);
    return child;
  }

  /** The location of the value, or else of the nearest enclosing one. */
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
