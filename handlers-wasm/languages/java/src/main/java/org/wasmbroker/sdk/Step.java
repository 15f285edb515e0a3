package org.wasmbroker.sdk;

import java.util.Map;
import java.util.Optional;

/**
 * The step document. What is read from it and is not as expected is a {@link Failure} with its
 * place: of the type {@code invalid_config} in the configuration, {@code invalid_input} elsewhere.
 */
public final class Step {
  static final String INVALID_INPUT = "invalid_input";

  private final Map<String, Json> members;

  Step(Json document) {
    this.members = document.members();
  }

  /**
   * @param document JSON, as tests have it
   * @throws Failure of the type {@code invalid_input} if it is none
   */
  public static Step parse(String document) {
    return new Step(Json.parse(Utf8.encode(document), INVALID_INPUT));
  }

  /** Ids, names, attempts: the member {@code step}. */
  public Json info() {
    return member("step");
  }

  /** Which task it belongs to. */
  public Json task() {
    return member("task");
  }

  /** What whoever uses the handler has set. */
  public Json config() {
    return member("config").failingWith("invalid_config");
  }

  /** What the step works on: the task's input. */
  public Json context() {
    return member("context");
  }

  /** The results of the steps before this one, by name. */
  public Json dependencies() {
    return member("deps");
  }

  /** The result of the step before this one. */
  public Json previous() {
    return member("prev");
  }

  /** The progress of an earlier run, if there was one. */
  public Optional<Outcome.Checkpoint> checkpoint() {
    var checkpoint = member("checkpoint");
    if (checkpoint.isNull()) {
      return Optional.empty();
    }
    return Optional.of(
        new Outcome.Checkpoint(
            checkpoint.get("cursor"),
            checkpoint.get("items_processed").asLong(0),
            checkpoint.get("accumulated_results")));
  }

  /** The number of this attempt, from 1. */
  public int attempt() {
    return (int) info().get("attempt").asLong(1);
  }

  /** How many attempts there are. */
  public int maxAttempts() {
    return (int) info().get("max_attempts").asLong(1);
  }

  private Json member(String name) {
    var value = members.get(name);
    return value == null ? Json.absent(name, INVALID_INPUT) : value;
  }
}
