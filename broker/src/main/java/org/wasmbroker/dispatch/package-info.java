/**
 * Decides when and on which thread a claimed step runs: slots, memory admission, prefetch, and how
 * each claim ends. The threads {@code guest-1}, {@code guest-2}, … each run one step at a time
 * through {@code execution} and notify intake when there is capacity; a virtual thread looks up a
 * module that is not known yet, which may mean that it is compiled. What intake and the lease
 * keeper call is quick and does not wait for guests.
 */
@NullMarked
package org.wasmbroker.dispatch;

import org.jspecify.annotations.NullMarked;
