/** The broker's image and the parts of {@code deploy} around it, started as an operator would. */
@NullMarked
package org.wasmbroker.image;

import org.jspecify.annotations.NullMarked;
