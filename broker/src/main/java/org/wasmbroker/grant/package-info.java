/**
 * What a module asks for, what the operator's policy grants, and what holds of it: the part that
 * both say. The thread {@code policy} looks whether the policy file has changed; everything else is
 * values. May import {@code document}, {@code sandbox}, {@code step}, {@code telemetry} and {@code
 * url}.
 */
@NullMarked
package org.wasmbroker.grant;

import org.jspecify.annotations.NullMarked;
