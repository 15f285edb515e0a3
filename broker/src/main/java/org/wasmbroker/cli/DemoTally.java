package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.cli.DemoSteps.Expectation;
import org.wasmbroker.cli.DemoSteps.Message;

/** Which of the demo's messages ended how, held against how they were to end. */
final class DemoTally {
  /** A message that failed as it was to. */
  record Failure(String label, String error) {}

  private final Map<String, Expectation> open = new HashMap<>();
  private final List<Expectation> refusals = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final List<String> surprises = new ArrayList<>();
  private final int expected;
  private int completed;
  private long lastGoodAt = System.nanoTime();

  DemoTally(List<Message> messages) {
    for (var message : messages) {
      if (message.expectation().deadLetter()) {
        refusals.add(message.expectation());
      } else {
        open.put(message.stepId(), message.expectation());
      }
    }
    expected = messages.size();
  }

  void completed(String stepId) {
    var expectation = take(stepId);
    if (expectation == null) {
      return;
    }
    if (expectation.completes()) {
      completed++;
      lastGoodAt = System.nanoTime();
    } else {
      surprises.add(expectation.label() + ": completed, and should have failed");
    }
  }

  void failed(String stepId, String type, String message) {
    var expectation = take(stepId);
    if (expectation == null) {
      return;
    }
    if (expectation.errorType().equals(type)) {
      failures.add(new Failure(expectation.label(), type + ": " + message));
    } else {
      surprises.add("%s: failed with %s: %s".formatted(expectation.label(), type, message));
    }
  }

  void refused(String reason) {
    if (refusals.isEmpty()) {
      surprises.add("a message went to the dead letters: " + reason);
    } else {
      failures.add(new Failure(refusals.removeLast().label(), "dead letter: " + reason));
    }
  }

  private @org.jspecify.annotations.Nullable Expectation take(String stepId) {
    var expectation = open.remove(stepId);
    if (expectation == null) {
      surprises.add("a result for a step that was not open: " + stepId);
    }
    return expectation;
  }

  boolean isComplete() {
    return open.isEmpty() && refusals.isEmpty();
  }

  int expected() {
    return expected;
  }

  int ended() {
    return expected - open.size() - refusals.size();
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
  List<String> surprises() {
    return List.copyOf(surprises);
  }

  /** When the last good step's result was seen, by the clock of {@link System#nanoTime}. */
  long lastGoodAt() {
    return lastGoodAt;
  }
}
