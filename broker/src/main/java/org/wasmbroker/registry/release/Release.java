package org.wasmbroker.registry.release;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/**
 * A version of a handler that a source offers.
 *
 * @param module the digest of its module; null if the source does not tell it before it is fetched
 * @param location of its source, for messages
 * @param published null if the source does not tell
 */
public record Release(
    ReleaseId id,
    @Nullable Digest module,
    Origin origin,
    String location,
    @Nullable Instant published) {}
