/**
 * What a module asks for, what the operator's policy grants, and what holds of it: the part that
 * both say. The thread {@code policy} looks whether the policy file has changed; everything else is
 * values.
 */
@NullMarked
package org.wasmbroker.grant;

import org.jspecify.annotations.NullMarked;
