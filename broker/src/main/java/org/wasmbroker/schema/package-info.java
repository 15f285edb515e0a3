/**
 * JSON Schema: schemas that others wrote, compiled once, and values checked against them with a
 * bound on the work. No threads.
 */
@NullMarked
package org.wasmbroker.schema;

import org.jspecify.annotations.NullMarked;
