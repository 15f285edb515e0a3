/**
 * What the operator's policy demands of a module before it may run: signatures by which keys, and
 * the approval of a person. Values and their reader; no threads.
 */
@NullMarked
package org.wasmbroker.grant.trust;

import org.jspecify.annotations.NullMarked;
