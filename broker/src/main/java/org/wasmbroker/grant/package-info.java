/**
 * What a module requests, what the operator's policy grants, and what is effective: the part that
 * is both. The thread {@code policy} checks whether the policy file has changed; everything else is
 * values.
 */
@NullMarked
package org.wasmbroker.grant;

import org.jspecify.annotations.NullMarked;
