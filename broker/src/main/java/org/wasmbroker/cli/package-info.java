/**
 * The commands that a person runs. Commands run on the main thread. Only the demo imports this
 * package.
 */
@NullMarked
package org.wasmbroker.cli;

import org.jspecify.annotations.NullMarked;
