/**
 * Decides when and on which thread a claimed step runs, and which guests compute: slots, compute
 * permits, memory admission, prefetch, and how each claim ends; the same for steps of callers that
 * wait for them. The threads {@code guest-1}, {@code guest-2}, … each run one step at a time
 * through {@code execution} and notify intake when there is capacity; of their guests as many
 * compute as there are processors. A virtual thread looks up a module that is not known yet, which
 * may mean that it is compiled. What intake and the lease keeper call is quick and does not wait
 * for guests.
 */
@NullMarked
package org.wasmbroker.dispatch;

import org.jspecify.annotations.NullMarked;
