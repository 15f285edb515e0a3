package org.wasmbroker.protocol.tasker.template;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.step.NearestName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An object with known members, in the order in which Tasker writes them. */
final class Shape implements Kind {
  /** What follows when a member is absent or null. */
  private sealed interface Absent {
    record Wrong() implements Absent {}

    record Written(JsonNode value) implements Absent {}

    record Omitted() implements Absent {}
  }

  /**
   * @param names the proper one first
   */
  private record Member(List<String> names, Kind kind, Absent absent) {
    String name() {
      return names.getFirst();
    }
  }

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final List<Member> members = new ArrayList<>();
  private boolean open;

  Shape required(String name, Kind kind) {
    return member(List.of(name), kind, new Absent.Wrong());
  }

  /** Written as null when absent. */
  Shape optional(String name, Kind kind) {
    return withDefault(List.of(name), kind, JSON.nullNode());
  }

  /** Not written when absent. */
  Shape omitted(String name, Kind kind) {
    return member(List.of(name), kind, new Absent.Omitted());
  }

  Shape withDefault(String name, Kind kind, JsonNode value) {
    return withDefault(List.of(name), kind, value);
  }

  /**
   * @param names the proper one, and those that mean the same
   */
  Shape withDefault(List<String> names, Kind kind, JsonNode value) {
    return member(names, kind, new Absent.Written(value));
  }

  /** Any other member may stand there too; Tasker drops it, and so does this. */
  Shape open() {
    open = true;
    return this;
  }

  private Shape member(List<String> names, Kind kind, Absent absent) {
    members.add(new Member(names, kind, absent));
    return this;
  }

  @Override
  public ObjectNode complete(JsonNode value, Place place, Findings findings) {
    var complete = JSON.objectNode();
    if (!value.isObject()) {
      findings.problem(place, "must be an object");
      return complete;
    }
    for (var member : members) {
      complete(member, value, place, findings, complete);
    }
    if (findings.strict() && !open) {
      unknown(value, place, findings);
    }
    return complete;
  }

  private static void complete(
      Member member, JsonNode object, Place place, Findings findings, ObjectNode complete) {
    var given =
        member.names().stream().filter(object::has).filter(name -> !isNull(object, name)).toList();
    if (given.size() > 1) {
      findings.problem(
          place.member(given.getLast()), "means the same as " + member.name() + ": keep one");
    }
    if (!given.isEmpty()) {
      var name = given.getFirst();
      complete.set(
          member.name(), member.kind().complete(object.get(name), place.member(name), findings));
      return;
    }
    switch (member.absent()) {
      case Absent.Wrong() -> findings.problem(place.member(member.name()), "is missing");
      case Absent.Written(var standard) -> complete.set(member.name(), standard.deepCopy());
      case Absent.Omitted() -> {}
    }
  }

  private static boolean isNull(JsonNode object, String name) {
    return object.path(name).isNull();
  }

  private void unknown(JsonNode object, Place place, Findings findings) {
    var known = members.stream().flatMap(member -> member.names().stream()).toList();
    for (var name : object.propertyNames()) {
      if (!known.contains(name)) {
        findings.problem(
            place.member(name),
            NearestName.of(name, known)
                .map(near -> "is unknown, did you mean '" + near + "'?")
                .orElseGet(() -> "is unknown; known here are " + String.join(", ", known)));
      }
    }
  }
}
