package org.wasmbroker.protocol.standalone;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.NewWork;
import org.wasmbroker.execution.NewWorkLimit;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The messages of the steps that a result asks for in {@code new_steps_outcome}: what each is in
 * the result, byte for byte, with ids. A step's id is derived from that of the step that asks for
 * it and from its name, so that whoever knows both knows it, and a repeated run asks for the same
 * steps.
 */
final class NewStepMessages {
  /** A step that was asked for may ask for steps itself, and so on for so many generations. */
  static final int MAX_GENERATIONS = 3;

  /** All messages of one result together. */
  static final int MAX_BYTES = 16 << 20;

  private static final String PLACE = "/" + NewWorkLimit.NEW_STEPS;
  private static final int MAX_PROBLEM_LENGTH = 300;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonNesting.MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Step parent;
  private final Document result;
  private final StepMessageSchema schema;
  private final Set<String> names = new HashSet<>();
  private final List<Document> messages = new ArrayList<>();
  private long bytes;

  private NewStepMessages(Step parent, Document result, StepMessageSchema schema) {
    this.parent = parent;
    this.result = result;
    this.schema = schema;
  }

  /** Why the steps cannot be enqueued that a result asks for; null if they can. */
  static @Nullable StepError problem(
      Step parent, Document result, NewWork allowed, StepMessageSchema schema) {
    var generation = ((MessageClaim) parent.claim()).headers().generation();
    if (generation >= MAX_GENERATIONS) {
      return StepError.permanent(
          "new_steps_invalid",
          "%s: the step was itself asked for by a step, %d generations ago; there are at most %d"
              .formatted(PLACE, generation, MAX_GENERATIONS));
    }
    try {
      new NewStepMessages(parent, result, schema).read(allowed);
      return null;
    } catch (RefusedException refused) {
      return StepError.permanent(refused.type, refused.text);
    }
  }

  /**
   * The messages of a result that was accepted, as one JSON array; null if it asks for none.
   *
   * @throws IllegalStateException if it was not accepted
   */
  static @Nullable Document of(Step parent, Document result, StepMessageSchema schema) {
    if (!NewWorkLimit.requestsSteps(result)) {
      return null;
    }
    var read = new NewStepMessages(parent, result, schema);
    try {
      read.read(new NewWork(Integer.MAX_VALUE, true, _ -> true));
    } catch (RefusedException refused) {
      throw new IllegalStateException("a result was not checked: " + refused.text, refused);
    }
    return read.messages.isEmpty() ? null : array(read.messages);
  }

  private static Document array(List<Document> messages) {
    int length = messages.stream().mapToInt(Document::size).sum() + messages.size() + 1;
    var json = ByteBuffer.allocate(length).put((byte) '[');
    for (var message : messages) {
      if (json.position() > 1) {
        json.put((byte) ',');
      }
      json.put(message.bytes());
    }
    return Document.of(json.put((byte) ']').array());
  }

  private void read(NewWork allowed) {
    try (var json = JSON.createParser(ObjectReadContext.empty(), result.bytes())) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean asks = json.currentName().equals(NewWorkLimit.NEW_STEPS);
        json.nextToken();
        if (asks) {
          outcome(json, allowed);
        } else {
          json.skipChildren();
        }
      }
    } catch (JacksonException unreadable) {
      throw invalid(PLACE, SafeText.sanitize(unreadable.getOriginalMessage(), MAX_PROBLEM_LENGTH));
    }
  }

  private void outcome(JsonParser json, NewWork allowed) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw invalid(PLACE, "must be an object with steps, an array");
    }
    boolean hasSteps = false;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      var member = json.currentName();
      json.nextToken();
      if (!member.equals(NewWorkLimit.STEPS) || hasSteps) {
        throw invalid(
            PLACE + "/" + SafeText.sanitize(member, 100),
            hasSteps ? "appears twice" : "is unknown; there is only steps");
      }
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw invalid(PLACE + "/steps", "must be an array");
      }
      hasSteps = true;
      for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
        step(json, PLACE + "/steps/" + i, allowed);
      }
    }
    if (!hasSteps) {
      throw invalid(PLACE + "/steps", "is missing");
    }
  }

  private void step(JsonParser json, String place, NewWork allowed) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw invalid(place, "must be an object");
    }
    int start = Math.toIntExact(json.currentTokenLocation().getByteOffset());
    var name = name(json, place);
    int end = Math.toIntExact(json.currentLocation().getByteOffset());
    if (name == null || name.isEmpty()) {
      throw invalid(
          place + "/name", "must be a string that names the step among those of its task");
    }
    if (!names.add(name)) {
      throw invalid(
          place + "/name", "is that of another new step, '" + SafeText.sanitize(name, 100) + "'");
    }
    var ids =
        new StepIds(
            new StepId(DerivedUuid.of(parent.id().value(), name)),
            parent.ids().task(),
            parent.ids().correlation());
    var message = message(ids, start, end);
    bytes += message.size();
    if (bytes > MAX_BYTES) {
      throw invalid(place, "exceeds %d bytes together with those before it".formatted(MAX_BYTES));
    }
    var read = StepMessageReader.read(message);
    if (read == null) {
      var problems = schema.problems(message);
      throw invalid(
          place,
          problems.isEmpty() ? "is not a step message" : problems.getFirst().toString().strip());
    }
    if (!read.ids().equals(ids)) {
      throw invalid(place, "has ids, which are the broker's to give");
    }
    var handler = read.handler().name();
    if (!allowed.mayEnqueue().test(handler)) {
      throw new RefusedException(
          "new_steps_not_granted",
          "%s: no rule of the policy grants new steps of the handler '%s' (new-steps)"
              .formatted(place, handler));
    }
    messages.add(message);
  }

  /** Reads to the end of the object; gives its name, or null if it is none. */
  private static @Nullable String name(JsonParser json, String place) {
    String name = null;
    var members = new HashSet<String>();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      var member = json.currentName();
      if (!members.add(member)) {
        throw invalid(place + "/" + SafeText.sanitize(member, 100), "appears twice");
      }
      var value = json.nextToken();
      if (member.equals("name") && value == JsonToken.VALUE_STRING) {
        name = json.getString();
      }
      json.skipChildren();
    }
    return name;
  }

  /** What the result says of the step, with its ids before it. */
  private Document message(StepIds ids, int start, int end) {
    var before = new StringBuilder("{\"step_uuid\":\"").append(ids.step().value()).append('"');
    if (ids.task() != null) {
      before.append(",\"task_uuid\":\"").append(ids.task()).append('"');
    }
    if (ids.correlation() != null) {
      before.append(",\"correlation_id\":\"").append(ids.correlation()).append('"');
    }
    var head = before.append(',').toString().getBytes(StandardCharsets.UTF_8);
    var message = new byte[head.length + end - start - 1];
    System.arraycopy(head, 0, message, 0, head.length);
    System.arraycopy(result.bytes(), start + 1, message, head.length, end - start - 1);
    return Document.of(message);
  }

  private static RefusedException invalid(String place, String problem) {
    return new RefusedException("new_steps_invalid", place + ": " + problem);
  }

  /** Never leaves this class. */
  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String type;
    private final String text;

    RefusedException(String type, String text) {
      super(text, null, false, false);
      this.type = type;
      this.text = text;
    }
  }
}
