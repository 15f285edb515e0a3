/**
 * From files to a published release: archives and directories of a handler are read and inspected,
 * its examples run, what it asks more than the version before is told, and it is put where brokers
 * find it. Used by commands only, on their threads; a broker publishes nothing.
 */
@NullMarked
package org.wasmbroker.publish;

import org.jspecify.annotations.NullMarked;
