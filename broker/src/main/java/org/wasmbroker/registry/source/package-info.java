/**
 * Where releases come from: the broker's jar, directories and repositories of OCI registries. A
 * source lists what it has and reads one artifact; it has no threads of its own.
 */
@NullMarked
package org.wasmbroker.registry.source;

import org.jspecify.annotations.NullMarked;
