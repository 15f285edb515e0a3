/**
 * The modules of remote sources on the disk: by digest, read-only once there, and which release
 * meant which digests, so that a broker starts without its registries. Several brokers may share
 * the directory. No threads of its own; only the registry's threads call it, as it reads and writes
 * files.
 */
@NullMarked
package org.wasmbroker.registry.store;

import org.jspecify.annotations.NullMarked;
