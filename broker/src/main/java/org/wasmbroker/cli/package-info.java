/**
 * The commands that a person runs. Commands run on the main thread. Only the demo imports this
 * package, and it may import all others of the broker.
 */
@NullMarked
package org.wasmbroker.cli;

import org.jspecify.annotations.NullMarked;
