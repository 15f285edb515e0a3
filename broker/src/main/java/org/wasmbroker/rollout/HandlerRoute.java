package org.wasmbroker.rollout;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.route.Choice;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Version;

/**
 * What follows from a handler's rollout for a step: everything that can be computed before there is
 * one.
 *
 * @param buckets how many of the buckets get the candidate; 0 without one
 */
record HandlerRoute(Choice stable, Choice candidate, int buckets, long salt, Condition when) {

  /**
   * @param rolledBack whether the candidate gets no steps, whatever its weight
   */
  static HandlerRoute of(HandlerRollout handler, boolean rolledBack) {
    var stable = new Choice(reference(handler, handler.stable()), null);
    @Nullable Candidate candidate = handler.candidate();
    if (candidate == null || rolledBack) {
      return new HandlerRoute(stable, stable, 0, 0, Condition.ANY);
    }
    return new HandlerRoute(
        stable,
        new Choice(reference(handler, candidate.version()), stable.version()),
        candidate.weight().hundredths(),
        Bucket.salt(handler.handler(), candidate.version().toString()),
        candidate.when());
  }

  private static HandlerRef reference(HandlerRollout handler, Version version) {
    return new HandlerRef(handler.handler(), version.toString());
  }

  Choice choose(RoutingFacts step) {
    return buckets > 0
            && Bucket.of(step.id().value(), salt) < buckets
            && when.matches(step.origin())
        ? candidate
        : stable;
  }
}
