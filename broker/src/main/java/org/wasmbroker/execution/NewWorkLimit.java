package org.wasmbroker.execution;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Limits the new steps and batches that a result may request: names in {@code
 * decision_point_outcome}, cursors in {@code batch_processing_outcome}, steps in {@code
 * new_steps_outcome}. Without a limit, one result could create thousands of steps.
 */
public final class NewWorkLimit {
  /** The member of a result that asks the broker for new steps. */
  public static final String NEW_STEPS = "new_steps_outcome";

  /** Its list of them. */
  public static final String STEPS = "steps";

  private static final JsonFactory JSON = new JsonFactory();
  private static final Map<String, String> LISTS =
      Map.of(
          "decision_point_outcome",
          "step_names",
          "batch_processing_outcome",
          "cursor_configs",
          NEW_STEPS,
          STEPS);

  private NewWorkLimit() {}

  /** The error of a result that requests too much; null when it does not. */
  public static @Nullable StepError violation(Document result, int max) {
    int requested = mayRequestWork(result.bytes()) ? countRequested(result) : 0;
    return requested > max ? exceeded(max, requested) : null;
  }

  /** As {@link #violation(Document, int)}; also of one that asks for steps which nobody grants. */
  public static @Nullable StepError violation(Document result, NewWork allowed) {
    var problem = violation(result, allowed.most());
    return problem == null && !allowed.grantsSteps() && requestsSteps(result)
        ? StepError.permanent(
            "new_steps_not_granted",
            "the result asks for new steps (%s), which no rule of the policy grants; new-steps does"
                .formatted(NEW_STEPS))
        : problem;
  }

  /** Whether the result, an object, asks the broker for new steps. */
  public static boolean requestsSteps(Document result) {
    if (!mayRequestWork(result.bytes())) {
      return false;
    }
    try (var json = JSON.createParser(ObjectReadContext.empty(), result.bytes())) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
          if (json.currentName().equals(NEW_STEPS)) {
            return true;
          }
          json.nextToken();
          json.skipChildren();
        }
      }
      return false;
    }
  }

  public static StepError exceeded(int max, int requested) {
    return StepError.limitExceeded(
        "new_work",
        "steps",
        max,
        requested,
        false,
        "the result requests %d new steps or batches, the policy allows %d"
            .formatted(requested, max));
  }

  /** The result is known to be JSON, and is parsed only if it may contain the names. */
  private static boolean mayRequestWork(byte[] json) {
    for (int i = 0; i + 1 < json.length; i++) {
      boolean outcome = json[i] == '_' && json[i + 1] == 'o';
      boolean escape = json[i] == '\\' && json[i + 1] == 'u';
      if (outcome || escape) {
        return true;
      }
    }
    return false;
  }

  private static int countRequested(Document result) {
    try (var json = JSON.createParser(ObjectReadContext.empty(), result.bytes())) {
      int requested = 0;
      if (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
          var list = LISTS.get(json.currentName());
          json.nextToken();
          requested += list == null ? skip(json) : lengthOf(list, json);
        }
      }
      return requested;
    }
  }

  /** The length of the outcome's list; the parser is at the outcome's value. */
  private static int lengthOf(String list, JsonParser json) {
    int length = 0;
    if (json.currentToken() != JsonToken.START_OBJECT) {
      return skip(json);
    }
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean counts = json.currentName().equals(list);
      if (json.nextToken() == JsonToken.START_ARRAY && counts) {
        for (; json.nextToken() != JsonToken.END_ARRAY; length++) {
          json.skipChildren();
        }
      } else {
        json.skipChildren();
      }
    }
    return length;
  }

  private static int skip(JsonParser json) {
    json.skipChildren();
    return 0;
  }
}
