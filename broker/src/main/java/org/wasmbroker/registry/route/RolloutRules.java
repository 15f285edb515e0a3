package org.wasmbroker.registry.route;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Version;

/**
 * What the operator's rollout says. Thread-safe; never blocks, and allocates nothing: what it
 * returns was made when the rollout was read.
 */
public interface RolloutRules {
  /** The newest release, and no channels. */
  RolloutRules NONE =
      new RolloutRules() {
        @Override
        public @Nullable Choice choose(String handler, RoutingFacts step) {
          return null;
        }

        @Override
        public @Nullable HandlerRef channel(String handler, String channel) {
          return null;
        }

        @Override
        public String channelProblem(HandlerRef ref) {
          return "there is no channel '%s': no rollout is configured".formatted(ref.selector());
        }

        @Override
        public boolean isWithdrawn(String handler, Version version) {
          return false;
        }
      };

  /** What a step whose reference names no release gets; null for the newest. */
  @Nullable Choice choose(String handler, RoutingFacts step);

  /** The exact reference that a channel stands for; null if it has no version of the handler. */
  @Nullable HandlerRef channel(String handler, String channel);

  /** Why {@link #channel} has nothing, for people. */
  String channelProblem(HandlerRef ref);

  /**
   * Whether a step that began with this version gets another one when it is tried again: it was
   * rolled back. Does not concern a step that continues from a checkpoint.
   */
  boolean isWithdrawn(String handler, Version version);
}
