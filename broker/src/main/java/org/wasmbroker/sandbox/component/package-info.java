/**
 * The component model, taken apart: a component is read, checked and reduced to its core modules,
 * how they are linked, and which functions of the host they get in which way; values cross between
 * guest and host by the canonical ABI. Whatever a component calls ends in a function of the table
 * of host functions. Runs on the thread that compiles, or on that of the run.
 */
@NullMarked
package org.wasmbroker.sandbox.component;

import org.jspecify.annotations.NullMarked;
