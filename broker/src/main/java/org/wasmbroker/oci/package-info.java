/**
 * A client of the OCI distribution API: references, manifests, blobs, tags, referrers, credentials.
 * It knows nothing of handlers. What a registry sends is hashed here and compared with the digest
 * that was asked for, and every size has a limit. Runs on its callers' threads; each request has a
 * virtual thread that ends it when its time is up.
 */
@NullMarked
package org.wasmbroker.oci;

import org.jspecify.annotations.NullMarked;
