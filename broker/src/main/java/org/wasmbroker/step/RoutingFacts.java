package org.wasmbroker.step;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What decides which release a step gets, besides its reference. */
public interface RoutingFacts {
  /** Of what is no step, such as a check. */
  RoutingFacts NONE =
      new RoutingFacts() {
        private static final StepId ZERO = new StepId(new UUID(0, 0));

        @Override
        public StepId id() {
          return ZERO;
        }

        @Override
        public StepOrigin origin() {
          return StepOrigin.NONE;
        }

        @Override
        public @Nullable ModulePin pin() {
          return null;
        }
      };

  StepId id();

  StepOrigin origin();

  /** What an earlier attempt ran; null if none is known. */
  @Nullable ModulePin pin();
}
