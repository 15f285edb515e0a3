/**
 * The arguments and environment variables of this process, as they were given: in UTF-8 and
 * whatever the locale is. Values without threads.
 */
@NullMarked
package org.wasmbroker.environment;

import org.jspecify.annotations.NullMarked;
