/**
 * Directories whose content only the broker's user can change, files that appear there complete or
 * not at all, and how such directories are kept from growing without end. No threads.
 */
@NullMarked
package org.wasmbroker.disk;

import org.jspecify.annotations.NullMarked;
