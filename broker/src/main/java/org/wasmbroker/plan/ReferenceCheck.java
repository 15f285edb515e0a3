package org.wasmbroker.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Names;
import org.wasmbroker.plan.ConfigurationParts.Part;
import org.wasmbroker.plan.Workflow.Kind;
import org.wasmbroker.plan.catalog.Meaning;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a configuration refers to: references, steps in filters, steps by name. */
final class ReferenceCheck {
  /** {@code .deps.load} or {@code .deps["load"]}, and not behind a name such as {@code .a.deps}. */
  private static final Pattern IN_FILTER =
      Pattern.compile(
          "(?<![\\w\\])}\"?])\\.deps(?:\\.([A-Za-z_]\\w*)|\\.?\\[?\\s*(\"(?:[^\"\\\\]|\\\\.)*\")\\s*\\]?)");

  /** What begins with a variable is jq. */
  private static final Pattern JSON_PATH = Pattern.compile("\\$(?![A-Za-z_])");

  private static final JsonMapper JSON = JsonMapper.shared();

  private final PlanStep step;
  private final Kind kind;
  private final StepNames names;
  private final Findings findings;

  ReferenceCheck(PlanStep step, Kind kind, StepNames names, Findings findings) {
    this.step = step;
    this.kind = kind;
    this.names = names;
    this.findings = findings;
  }

  /**
   * Checks all parts.
   *
   * @return the references in them
   */
  List<Reference> check(List<Part> parts) {
    var references = new ArrayList<Reference>();
    for (var part : parts) {
      switch (part.meaning()) {
        case REFERENCES, URL -> texts(part.value(), part.pointer(), references);
        case FILTER -> filter(part.value().asString(""), part.pointer());
        case UPSTREAM_STEP -> upstream(part.value(), part.pointer());
        case CREATED_STEP, WORKER_STEP -> created(part);
        case METHOD, NEW_WORK, STEP_MESSAGE -> {}
      }
    }
    return references;
  }

  private void texts(JsonNode value, JsonPointer pointer, List<Reference> references) {
    if (value.isString()) {
      for (var reference : Reference.in(value.stringValue())) {
        references.add(reference);
        reference(reference, pointer);
      }
    }
    if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        texts(value.get(i), pointer.element(i), references);
      }
    }
    value
        .properties()
        .forEach(member -> texts(member.getValue(), pointer.member(member.getKey()), references));
  }

  private void reference(Reference reference, JsonPointer pointer) {
    if (reference.problem() != null) {
      findings.error(
          "reference",
          pointer,
          "%s (character %d): %s"
              .formatted(reference.written(), reference.at(), reference.problem()),
          "write ${context.a}, ${deps.STEP.a}, ${prev.a}, ${step.a} or ${secrets.NAME}; $${ stands"
              + " for ${");
      return;
    }
    var named = reference.step();
    if (named != null && !names.sees(step, named)) {
      findings.error(
          "reference",
          pointer,
          "%s (character %d) refers to %s"
              .formatted(reference.written(), reference.at(), unseen(named)),
          remedy(named));
    }
  }

  private void filter(String filter, JsonPointer pointer) {
    if (JSON_PATH.matcher(filter).lookingAt()) {
      return; // it sees a response only
    }
    var found = IN_FILTER.matcher(filter);
    while (found.find()) {
      var named =
          found.group(1) != null ? found.group(1) : JSON.readTree(found.group(2)).asString("");
      if (!names.sees(step, named)) {
        findings.warning(
            "reference",
            pointer,
            "%s (character %d) seems to mean %s, and would be null"
                .formatted(found.group(), found.start() + 1, unseen(named)),
            remedy(named));
      }
    }
  }

  private String unseen(String named) {
    return names.has(named)
        ? "step '%s', which does not come before this one".formatted(named)
        : "step '%s', which does not exist%s"
            .formatted(named, Names.nearest(named, names.upstream(step)));
  }

  private String remedy(String named) {
    return names.has(named)
        ? "add '%s' to the dependencies".formatted(named)
        : "this step sees the results of: " + Names.list(names.upstream(step));
  }

  private void upstream(JsonNode value, JsonPointer pointer) {
    each(
        value,
        pointer,
        (name, at) -> {
          if (name.contains("*")) {
            pattern(name, at);
          } else if (!names.sees(step, name)) {
            findings.error("reference", at, "is " + unseen(name), remedy(name));
          }
        });
  }

  private void pattern(String name, JsonPointer at) {
    var regex =
        Pattern.compile(
            Arrays.stream(name.split("\\*", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*")));
    boolean any =
        names.upstream(step).stream()
            .anyMatch(
                each ->
                    regex.matcher(each).matches()
                        || (names.get(each).pattern() && regex.matcher(each + "_1").matches()));
    if (!any) {
      findings.warning(
          "reference",
          at,
          "matches none of the steps before this one",
          "this step sees the results of: " + Names.list(names.upstream(step)));
    }
  }

  private void created(Part part) {
    each(
        part.value(),
        part.pointer(),
        (name, at) -> {
          if (!names.has(name)) {
            missing(name, part.meaning(), at);
          } else if (!names.isBefore(step.name(), names.get(name))) {
            findings.error(
                "reference",
                at,
                "is '%s', which does not depend on this step".formatted(name),
                "add '%s' to the dependencies of '%s', or set its created_by"
                    .formatted(step.name(), name));
          }
        });
  }

  /** In Tasker a worker is a step of the template; elsewhere it may be one that is sent. */
  private void missing(String name, Meaning meaning, JsonPointer at) {
    var message = "is '%s', which is no step%s".formatted(name, Names.suggest(name, names.names()));
    if (meaning == Meaning.WORKER_STEP && kind == Kind.PLAN) {
      findings.warning("reference", at, message, "it is right if the steps are sent to a queue");
    } else {
      findings.error("reference", at, message, "name a step that depends on this one");
    }
  }

  private interface Named {
    void accept(String name, JsonPointer at);
  }

  /** The names in a text, or in an array of texts. */
  private static void each(JsonNode value, JsonPointer pointer, Named named) {
    if (value.isString()) {
      named.accept(value.stringValue(), pointer);
    }
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      if (value.get(i).isString()) {
        named.accept(value.get(i).stringValue(), pointer.element(i));
      }
    }
  }
}
