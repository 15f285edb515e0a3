/**
 * Regular expressions of ECMA-262 with the flag {@code u}: does a text match? All ways through a
 * pattern are followed at once, so that the time grows with the length of the text and never
 * explodes. No threads.
 */
@NullMarked
package org.wasmbroker.schema.pattern;

import org.jspecify.annotations.NullMarked;
