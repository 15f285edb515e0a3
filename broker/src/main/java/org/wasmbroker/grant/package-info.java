/**
 * What a module requests, what the operator's policy grants, and what is effective: the part that
 * both say. The thread {@code policy} polls the policy file for changes; everything else is values.
 */
@NullMarked
package org.wasmbroker.grant;

import org.jspecify.annotations.NullMarked;
