package org.wasmbroker.protocol.tasker.template;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Names;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An object with known members, in the order in which Tasker writes them. */
final class ObjectType implements FieldType {
  /** What happens if a member is absent or null. */
  private sealed interface IfAbsent {
    record Report() implements IfAbsent {}

    record WriteDefault(JsonNode value) implements IfAbsent {}

    record Omit() implements IfAbsent {}
  }

  /**
   * @param names the canonical one first
   */
  private record Member(List<String> names, FieldType kind, IfAbsent absent) {
    String name() {
      return names.getFirst();
    }
  }

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final List<Member> members = new ArrayList<>();
  private boolean open;

  ObjectType required(String name, FieldType kind) {
    return member(List.of(name), kind, new IfAbsent.Report());
  }

  /** Written as null when absent. */
  ObjectType optional(String name, FieldType kind) {
    return withDefault(List.of(name), kind, JSON.nullNode());
  }

  /** Not written when absent. */
  ObjectType omitted(String name, FieldType kind) {
    return member(List.of(name), kind, new IfAbsent.Omit());
  }

  ObjectType withDefault(String name, FieldType kind, JsonNode value) {
    return withDefault(List.of(name), kind, value);
  }

  /**
   * @param names the canonical one and its aliases
   */
  ObjectType withDefault(List<String> names, FieldType kind, JsonNode value) {
    return member(names, kind, new IfAbsent.WriteDefault(value));
  }

  /** Allows any other member; it is dropped, as by Tasker. */
  ObjectType open() {
    open = true;
    return this;
  }

  private ObjectType member(List<String> names, FieldType kind, IfAbsent absent) {
    members.add(new Member(names, kind, absent));
    return this;
  }

  @Override
  public ObjectNode complete(JsonNode value, JsonPointer pointer, ProblemCollector problems) {
    var complete = JSON.objectNode();
    if (!value.isObject()) {
      problems.add(pointer, "must be an object, was " + DocumentValue.describe(value));
      return complete;
    }
    for (var member : members) {
      complete(member, value, pointer, problems, complete);
    }
    if (problems.strict() && !open) {
      reportUnknown(value, pointer, problems);
    }
    return complete;
  }

  private static void complete(
      Member member,
      JsonNode object,
      JsonPointer pointer,
      ProblemCollector problems,
      ObjectNode complete) {
    var present =
        member.names().stream().filter(object::has).filter(name -> !isNull(object, name)).toList();
    if (present.size() > 1) {
      problems.add(
          pointer.member(present.getLast()), "means the same as " + member.name() + ": keep one");
    }
    if (!present.isEmpty()) {
      var name = present.getFirst();
      complete.set(
          member.name(), member.kind().complete(object.get(name), pointer.member(name), problems));
      return;
    }
    switch (member.absent()) {
      case IfAbsent.Report() -> problems.add(pointer.member(member.name()), "is missing");
      case IfAbsent.WriteDefault(var standard) -> complete.set(member.name(), standard.deepCopy());
      case IfAbsent.Omit() -> {}
    }
  }

  private static boolean isNull(JsonNode object, String name) {
    return object.path(name).isNull();
  }

  private void reportUnknown(JsonNode object, JsonPointer pointer, ProblemCollector problems) {
    var known = members.stream().flatMap(member -> member.names().stream()).toList();
    for (var name : object.propertyNames()) {
      if (!known.contains(name)) {
        problems.add(pointer.member(name), Names.unknownMember(name, known));
      }
    }
  }
}
