/**
 * Joins grants, egress and secrets to what one step may reach. An access is used by the thread of
 * its step; {@link org.wasmbroker.access.GrantedAccesses} by all. May import {@code egress}, {@code
 * grant}, {@code sandbox}, {@code secret}, {@code step}, {@code telemetry} and {@code url}.
 */
@NullMarked
package org.wasmbroker.access;

import org.jspecify.annotations.NullMarked;
