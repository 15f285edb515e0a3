/**
 * Where releases come from: the broker's jar and directories. A source lists what it has and reads
 * one artifact; it keeps nothing and has no threads of its own.
 */
@NullMarked
package org.wasmbroker.registry.source;

import org.jspecify.annotations.NullMarked;
