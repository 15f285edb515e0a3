package org.wasmbroker.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.demo.DemoMessages.Expectation;
import org.wasmbroker.demo.DemoMessages.Message;

/** Which of the demo's messages ended how, held against how they were to end. */
final class DemoTally {
  /** A message that failed as it was to. */
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
      deviations.add(expectation.label() + ": completed, and should have failed");
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
      deviations.add("a message went to the dead letters: " + reason);
    } else {
      failures.add(new Failure(expectedRejections.removeLast().label(), "dead letter: " + reason));
    }
  }

  private @org.jspecify.annotations.Nullable Expectation removeExpectation(String stepId) {
    var expectation = pending.remove(stepId);
    if (expectation == null) {
      deviations.add("a result for a step that was not open: " + stepId);
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

  /** What ended otherwise than it should, a line each. */
  List<String> deviations() {
    return List.copyOf(deviations);
  }

  /** When the last good step's result was seen, by the clock of {@link System#nanoTime}. */
  long lastCompletedNanos() {
    return lastCompletedNanos;
  }
}
