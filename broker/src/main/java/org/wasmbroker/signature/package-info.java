/**
 * Signatures with a key, in the forms that cosign writes: made, read and verified with the
 * cryptography of the JDK. A signature names the digest of something; what that is, is not known
 * here. No threads; everything is immutable.
 */
@NullMarked
package org.wasmbroker.signature;

import org.jspecify.annotations.NullMarked;
