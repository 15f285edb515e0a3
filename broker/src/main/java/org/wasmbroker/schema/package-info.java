/**
 * Validation with untrusted JSON Schemas: each is compiled once, and values are validated within a
 * budget of work. No threads.
 */
@NullMarked
package org.wasmbroker.schema;

import org.jspecify.annotations.NullMarked;
