/**
 * The capabilities, one class each, and the table of them: what a guest may be able to do beyond
 * computing, what a manifest may request of it, and what a policy may grant. Host functions run on
 * the thread of their step; everything else is values.
 */
@NullMarked
package org.wasmbroker.capability;

import org.jspecify.annotations.NullMarked;
