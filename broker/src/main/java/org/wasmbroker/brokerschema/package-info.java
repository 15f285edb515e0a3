/**
 * The broker's own tables in Postgres, schema {@code wasm_broker}: parts that are created and
 * migrated by Flyway one by one, each when a broker needs it. No thread of its own.
 */
@NullMarked
package org.wasmbroker.brokerschema;

import org.jspecify.annotations.NullMarked;
