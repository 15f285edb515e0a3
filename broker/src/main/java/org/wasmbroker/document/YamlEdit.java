package org.wasmbroker.document;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Changes single values of a YAML document and leaves everything else as a person wrote it:
 * comments, order, layout. It edits the text where the parser says that a value is. What it makes
 * has to be read again before it is used: it is a text with changes, and not a document.
 */
public final class YamlEdit {
  private static final String INDENT = "  ";
  private static final LoadSettings SETTINGS = LoadSettings.builder().build();

  /** Positions of the parser count code points. */
  private int[] text;

  private YamlEdit(String text) {
    this.text = text.codePoints().toArray();
  }

  public static YamlEdit of(String text) {
    return new YamlEdit(text);
  }

  public String text() {
    return new String(text, 0, text.length);
  }

  /**
   * Sets a value, and adds the objects around it that are missing.
   *
   * @param path the names from the outermost to that of the value
   * @param value plain text that YAML reads as itself, such as a version
   * @throws IllegalArgumentException if something on the path is no object
   */
  public void set(List<String> path, String value) {
    var root = root();
    if (root == null) {
      insert(text.length, lineBreakBefore(text.length) + block(path, value, "") + "\n");
      return;
    }
    var node = root;
    for (int depth = 0; depth < path.size(); depth++) {
      var object = object(node, path.subList(0, depth));
      var member = member(object, path.get(depth));
      var rest = path.subList(depth, path.size());
      if (member.isEmpty()) {
        add(object, rest, value);
        return;
      }
      var key = member.orElseThrow().getKeyNode();
      node = member.orElseThrow().getValueNode();
      if (depth == path.size() - 1) {
        replace(key, node, value);
        return;
      }
      if (isEmpty(node)) {
        int column = start(key).getColumn();
        var below = " ".repeat(column) + INDENT;
        insert(lineEnd(end(key)), "\n" + block(path.subList(depth + 1, path.size()), value, below));
        return;
      }
    }
  }

  /** Removes a member with its lines, if it is there. */
  public void remove(List<String> path) {
    var node = root();
    for (int depth = 0; node != null && depth < path.size(); depth++) {
      if (!(node instanceof MappingNode object)) {
        return;
      }
      var member = member(object, path.get(depth));
      if (member.isEmpty()) {
        return;
      }
      if (depth == path.size() - 1) {
        remove(object, member.orElseThrow());
        return;
      }
      node = member.orElseThrow().getValueNode();
    }
  }

  private @Nullable Node root() {
    try {
      return new Compose(SETTINGS).composeString(text()).orElse(null);
    } catch (YamlEngineException invalid) {
      throw new IllegalArgumentException("is not valid YAML", invalid);
    }
  }

  private static MappingNode object(Node node, List<String> path) {
    if (node instanceof MappingNode object) {
      return object;
    }
    throw new IllegalArgumentException("/" + String.join("/", path) + " is no object");
  }

  private static Optional<NodeTuple> member(MappingNode object, String name) {
    return object.getValue().stream()
        .filter(
            tuple -> tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name))
        .findFirst();
  }

  private static boolean isEmpty(Node node) {
    return node instanceof ScalarNode scalar && start(scalar).getIndex() == end(scalar);
  }

  private void replace(Node key, Node node, String value) {
    if (isEmpty(node)) {
      int colon = end(key);
      while (colon < text.length && text[colon] != ':') {
        colon++;
      }
      insert(colon + 1, " " + value);
    } else {
      splice(start(node).getIndex(), contentEnd(node), value);
    }
  }

  private void add(MappingNode object, List<String> rest, String value) {
    if (object.getFlowStyle() == FlowStyle.FLOW) {
      var members = object.getValue();
      if (members.isEmpty()) {
        insert(end(object) - 1, flow(rest, value));
      } else {
        var last = members.getLast();
        insert(
            Math.max(end(last.getKeyNode()), contentEnd(last.getValueNode())),
            ", " + flow(rest, value));
      }
      return;
    }
    var last = object.getValue().getLast();
    int column = start(object.getValue().getFirst().getKeyNode()).getColumn();
    insert(
        lineEnd(Math.max(end(last.getKeyNode()), contentEnd(last.getValueNode()))),
        "\n" + block(rest, value, " ".repeat(column)));
  }

  private void remove(MappingNode object, NodeTuple member) {
    int from = start(member.getKeyNode()).getIndex();
    int to = Math.max(end(member.getKeyNode()), contentEnd(member.getValueNode()));
    if (object.getFlowStyle() == FlowStyle.FLOW) {
      removeFromFlow(object, member, from, to);
      return;
    }
    int lineStart = from;
    while (lineStart > 0 && text[lineStart - 1] != '\n') {
      lineStart--;
    }
    int next = lineEnd(to);
    splice(lineStart, Math.min(text.length, next + 1), "");
  }

  private void removeFromFlow(MappingNode object, NodeTuple member, int from, int to) {
    var members = object.getValue();
    int at = members.indexOf(member);
    if (at + 1 < members.size()) {
      splice(from, start(members.get(at + 1).getKeyNode()).getIndex(), "");
    } else if (at > 0) {
      splice(contentEnd(members.get(at - 1).getValueNode()), to, "");
    } else {
      splice(from, to, "");
    }
  }

  /** A block of objects ends where its last value does, and not before the next token. */
  private static int contentEnd(Node node) {
    if (node instanceof MappingNode object
        && object.getFlowStyle() == FlowStyle.BLOCK
        && !object.getValue().isEmpty()) {
      var last = object.getValue().getLast();
      return Math.max(end(last.getKeyNode()), contentEnd(last.getValueNode()));
    }
    return end(node);
  }

  private static String block(List<String> path, String value, String indent) {
    var lines = new StringBuilder();
    var column = indent;
    for (int i = 0; i < path.size(); i++) {
      boolean last = i == path.size() - 1;
      lines.append(column).append(path.get(i)).append(last ? ": " + value : ":\n");
      column += INDENT;
    }
    return lines.toString();
  }

  private static String flow(List<String> path, String value) {
    var inner = path.getLast() + ": " + value;
    for (int i = path.size() - 2; i >= 0; i--) {
      inner = path.get(i) + ": {" + inner + "}";
    }
    return inner;
  }

  private String lineBreakBefore(int position) {
    return position == 0 || text[position - 1] == '\n' ? "" : "\n";
  }

  /** The end of the line that goes on here, before its break: after a comment. */
  private int lineEnd(int from) {
    int at = from;
    while (at < text.length && text[at] != '\n') {
      at++;
    }
    return at;
  }

  private static Mark start(Node node) {
    return node.getStartMark().orElseThrow();
  }

  private static int end(Node node) {
    return node.getEndMark().orElseThrow().getIndex();
  }

  private void insert(int at, String more) {
    splice(at, at, more);
  }

  private void splice(int from, int to, String replacement) {
    var changed = new String(text, 0, from) + replacement + new String(text, to, text.length - to);
    text = changed.codePoints().toArray();
  }
}
