/**
 * The language of a session's command lines: read into commands, pipes and redirections, and
 * patterns of file names. Nothing here runs anything; there is no shell of the host.
 */
@NullMarked
package org.wasmbroker.session.shell;

import org.jspecify.annotations.NullMarked;
