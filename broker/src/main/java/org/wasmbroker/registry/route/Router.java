package org.wasmbroker.registry.route;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Selector;

/**
 * From a step's reference and facts to the reference that its module is looked up by. In this order
 * decide: the module that an earlier attempt ran, what the reference names, the rollout.
 * Thread-safe; never blocks, and allocates nothing.
 */
public final class Router {
  private final RolloutRules rules;
  private final Predicate<HandlerRef> usable;
  private final Predicate<HandlerRef> lost;

  /**
   * @param usable whether the module of an exact reference is loaded and may run
   * @param lost whether it was looked for and is nowhere any more
   */
  public Router(RolloutRules rules, Predicate<HandlerRef> usable, Predicate<HandlerRef> lost) {
    this.rules = rules;
    this.usable = usable;
    this.lost = lost;
  }

  public HandlerRef route(HandlerRef reference, RoutingFacts step) {
    var pinned = pinned(reference, step.pin());
    if (pinned != null) {
      return pinned;
    }
    var selector = reference.selector();
    if (selector == null) {
      return chosen(reference, step);
    }
    if (Selector.isChannel(selector)) {
      var exact = rules.channel(reference.name(), selector);
      return exact == null ? reference : exact;
    }
    return reference;
  }

  private @Nullable HandlerRef pinned(HandlerRef reference, @Nullable ModulePin pin) {
    if (pin == null
        || !pin.module().name().equals(reference.name())
        || (!pin.continued() && rules.isWithdrawn(reference.name(), pin.version()))
        || lost.test(pin.module())) {
      return null;
    }
    return pin.module();
  }

  private HandlerRef chosen(HandlerRef reference, RoutingFacts step) {
    var choice = rules.choose(reference.name(), step);
    if (choice == null) {
      return reference;
    }
    return choice.otherwise() == null || usable.test(choice.version())
        ? choice.version()
        : choice.otherwise();
  }
}
