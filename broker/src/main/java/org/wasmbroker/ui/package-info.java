/**
 * The playground: a page that runs the installed handlers in the browser, by the host of {@code
 * web/}. Its files, the policy that they are sent with, a server for them on loopback addresses,
 * and the same files in a directory. No guest runs here; a request is answered on a virtual thread
 * of its own.
 */
@NullMarked
package org.wasmbroker.ui;

import org.jspecify.annotations.NullMarked;
