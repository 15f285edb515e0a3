/**
 * The command {@code demo}: real steps, or Tasker's workflows, through a whole broker on an
 * embedded Postgres. Runs on the main thread; nothing imports it. It is not part of the deployable
 * jar.
 */
@NullMarked
package org.wasmbroker.demo;

import org.jspecify.annotations.NullMarked;
