package org.wasmbroker.document;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A document that was read, with its problems: those of the format first, then those that readers
 * of its content add. Not thread-safe.
 */
public final class ParsedDocument {
  private final String source;
  private final boolean scalarsAsText;
  private final Problems problems = new Problems();
  private JsonNode root = JsonNodeFactory.instance.missingNode();
  private @Nullable PositionTree positions;

  ParsedDocument(String source, boolean scalarsAsText) {
    this.source = source;
    this.scalarsAsText = scalarsAsText;
  }

  /** The whole value; a missing node where the document is empty or cannot be read. */
  public JsonNode root() {
    return root;
  }

  void root(JsonNode value) {
    this.root = value;
  }

  void positions(@Nullable PositionTree tree) {
    this.positions = tree;
  }

  boolean scalarsAsText() {
    return scalarsAsText;
  }

  /** The root as an object; anything else is a problem, and an empty object is returned. */
  public ObjectReader object() {
    return value().object();
  }

  /** The root with its location. */
  public DocumentValue value() {
    return new DocumentValue(this, root, JsonPointer.ROOT);
  }

  public boolean hasProblems() {
    return !problems.isEmpty();
  }

  public List<Problem> problems() {
    return problems.list();
  }

  /** Reports a problem of the whole document. */
  public void problem(String message) {
    problems.add(new Problem(Location.of(source), "", message));
  }

  /**
   * @param message a phrase that follows the pointer, such as {@code is missing}
   */
  public void problem(JsonPointer pointer, String message) {
    problems.add(Problem.of(locate(pointer), pointer, message));
  }

  void problem(int line, int column, String message) {
    problems.add(new Problem(new Location(source, line, column), "", message));
  }

  /** Where the value was written, or else the nearest enclosing one. */
  public Location locate(JsonPointer pointer) {
    return positions == null ? Location.of(source) : positions.locate(source, pointer);
  }
}
