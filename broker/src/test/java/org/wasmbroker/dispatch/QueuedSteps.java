package org.wasmbroker.dispatch;

import java.time.Duration;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.Step;

/** Queued steps of no scheduler. */
final class QueuedSteps {
  private static final PermitQueue NO_PERMITS =
      new PermitQueue() {
        @Override
        public void giveBack(GuestPermit permit, long memoryBytes) {}

        @Override
        public boolean request(GuestPermit permit) {
          return false;
        }

        @Override
        public boolean tick(GuestPermit permit) {
          return false;
        }

        @Override
        public boolean hasComputedForLong(GuestPermit permit) {
          return false;
        }

        @Override
        public void withdraw(GuestPermit permit) {}

        @Override
        public boolean isContended() {
          return false;
        }
      };

  private QueuedSteps() {}

  static QueuedStep of(Step step, long queuedAt, FoundModule module) {
    var cancellation = new Cancellation();
    return new QueuedStep(step, queuedAt, module, cancellation, permit(cancellation));
  }

  static GuestPermit permit(Cancellation cancellation) {
    return new GuestPermit(NO_PERMITS, cancellation, Duration.ofHours(1));
  }
}
