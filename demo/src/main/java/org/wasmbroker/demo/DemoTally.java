package org.wasmbroker.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.demo.DemoMessages.Expectation;
import org.wasmbroker.demo.DemoMessages.Message;

/** How the demo's messages ended, compared to how they were expected to end. */
final class DemoTally {
  /** A message that failed as expected. */
  record Failure(String label, String error) {}

  private final Map<String, Expectation> pending = new HashMap<>();
  private final List<Expectation> expectedRejections = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final List<String> deviations = new ArrayList<>();
  private final int expected;
  private int completed;
  private long lastCompletedNanos = System.nanoTime();

  DemoTally(List<Message> messages) {
    for (var message : messages) {
      if (message.expectation().deadLetter()) {
        expectedRejections.add(message.expectation());
      } else {
        pending.put(message.stepId(), message.expectation());
      }
    }
    expected = messages.size();
  }

  void completed(String stepId) {
    var expectation = removeExpectation(stepId);
    if (expectation == null) {
      return;
    }
    if (expectation.completes()) {
      completed++;
      lastCompletedNanos = System.nanoTime();
    } else {
      deviations.add(expectation.label() + ": completed, but should have failed");
    }
  }

  void failed(String stepId, String type, String message) {
    var expectation = removeExpectation(stepId);
    if (expectation == null) {
      return;
    }
    if (expectation.errorType().equals(type)) {
      failures.add(new Failure(expectation.label(), type + ": " + message));
    } else {
      deviations.add("%s: failed with %s: %s".formatted(expectation.label(), type, message));
    }
  }

  void rejected(String reason) {
    if (expectedRejections.isEmpty()) {
      deviations.add("a message was dead-lettered: " + reason);
    } else {
      failures.add(new Failure(expectedRejections.removeLast().label(), "dead letter: " + reason));
    }
  }

  private @Nullable Expectation removeExpectation(String stepId) {
    var expectation = pending.remove(stepId);
    if (expectation == null) {
      deviations.add("a result for an unknown step: " + stepId);
    }
    return expectation;
  }

  boolean isComplete() {
    return pending.isEmpty() && expectedRejections.isEmpty();
  }

  int expected() {
    return expected;
  }

  int ended() {
    return expected - pending.size() - expectedRejections.size();
  }

  int completed() {
    return completed;
  }

  int failed() {
    return failures.size();
  }

  List<Failure> failures() {
    return List.copyOf(failures);
  }

  /** What did not end as expected, one line each. */
  List<String> deviations() {
    return List.copyOf(deviations);
  }

  /** When the result of the last succeeding step was seen, as {@link System#nanoTime}. */
  long lastCompletedNanos() {
    return lastCompletedNanos;
  }
}
