package org.wasmbroker.capability;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.step.HandlerRef;
import tools.jackson.databind.node.ObjectNode;

/**
 * New steps that a result asks for, by {@code new_steps_outcome}. It has no host function: what the
 * guest asks for is in its result, and is written in one transaction with it.
 */
final class NewStepsCapability implements Capability<NewSteps, NewSteps, NewSteps> {
  private static final String STAR = "*";
  private static final int MAX_REQUESTED = 100;

  @Override
  public String name() {
    return "new-steps";
  }

  @Override
  public NewSteps readRequest(ObjectReader capabilities) {
    return of(
        capabilities.array(
            "new_steps",
            MAX_REQUESTED,
            value -> Optional.ofNullable(value.parse(NewStepsCapability::handler))));
  }

  @Override
  public NewSteps defaultRequest() {
    return NewSteps.NONE;
  }

  @Override
  public RuleReader<NewSteps> readPolicy(ObjectReader root) {
    return rule -> of(rule.values("new-steps", NewStepsCapability::handler));
  }

  private static String handler(String text) {
    return text.equals(STAR) ? text : new HandlerRef(text, null).name();
  }

  private static NewSteps of(List<String> handlers) {
    return new NewSteps(Set.copyOf(new HashSet<>(handlers)), handlers.contains(STAR));
  }

  @Override
  public NewSteps merge(List<NewSteps> rules) {
    return rules.stream().reduce(NewSteps.NONE, NewSteps::or);
  }

  @Override
  public NewSteps intersect(NewSteps requested, NewSteps permitted) {
    return requested.and(permitted);
  }

  @Override
  public String grantedBy() {
    return "handlers in new-steps";
  }

  @Override
  public String notGranted() {
    return "no applicable rule has a handler in new-steps";
  }

  @Override
  public void explain(NewSteps requested, NewSteps permitted, Consumer<String> differences) {
    if (!requested.isEmpty() && requested.and(permitted).isEmpty()) {
      differences.accept("new steps are requested but not granted: " + notGranted());
    }
    if (!permitted.isEmpty() && requested.isEmpty()) {
      differences.accept("new steps are granted but not requested by the manifest");
    }
  }

  @Override
  public Map<String, ?> describeRequest(NewSteps requested) {
    return described(requested);
  }

  @Override
  public void describeAdded(NewSteps before, NewSteps after, Consumer<String> added) {
    if (after.all() && !before.all()) {
      added.accept("new steps of every handler that the policy grants");
    }
    after.handlers().stream()
        .sorted()
        .filter(handler -> !before.includes(handler))
        .forEach(handler -> added.accept("new steps of the handler " + handler));
  }

  @Override
  public Map<String, ?> describePermit(NewSteps permitted) {
    return described(permitted);
  }

  @Override
  public Map<String, ?> describeGrant(NewSteps granted) {
    return described(granted);
  }

  private Map<String, ?> described(NewSteps steps) {
    return steps.isEmpty() ? Map.of() : Map.of(name(), steps.describe());
  }

  @Override
  public void summarize(NewSteps granted, ObjectNode receipt) {
    if (!granted.isEmpty()) {
      var handlers = receipt.putArray("new_steps");
      granted.describe().forEach(handlers::add);
    }
  }
}
