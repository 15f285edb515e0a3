/** Which certificate authorities are trusted. Has no threads. */
@NullMarked
package org.wasmbroker.tls;

import org.jspecify.annotations.NullMarked;
