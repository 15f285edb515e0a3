package org.wasmbroker.registry.trust;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;

/**
 * A person's decision that a release may run. It holds for the digest alone; the rest is for
 * people.
 *
 * @param digest that of the release's canonical OCI manifest, so that neither its module nor its
 *     manifest, name or version can change under it
 * @param by who decided
 */
public record Approval(
    Digest digest, ReleaseId release, String by, Instant at, @Nullable String reason) {}
