/**
 * Runs steps: slots, one step from its start to its outcome, and the decision whether it is tried
 * again. The threads {@code guest-1}, {@code guest-2}, … run one guest at a time each and tell
 * intake when there is room; what intake and the lease keeper call is quick and does not wait for
 * guests. May import {@code registry}, {@code sandbox}, {@code report}, {@code step} and {@code
 * telemetry}.
 */
@NullMarked
package org.wasmbroker.dispatch;

import org.jspecify.annotations.NullMarked;
