/**
 * The commands that a person runs. Commands run on the main thread; nothing imports this package,
 * and it may import all others.
 */
@NullMarked
package org.wasmbroker.cli;

import org.jspecify.annotations.NullMarked;
