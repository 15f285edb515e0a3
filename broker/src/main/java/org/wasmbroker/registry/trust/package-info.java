/**
 * Whether a module may run: the signatures and approvals that the policy demands, compared with
 * what a release has. Nothing is compiled before. The thread {@code approvals} reads the approvals
 * again when their file changes, and sees when the time of a key is over; everything else is
 * values.
 */
@NullMarked
package org.wasmbroker.registry.trust;

import org.jspecify.annotations.NullMarked;
