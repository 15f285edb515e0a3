/**
 * The grammar of URLs: hosts, ports, paths and methods, both as a policy names them and as a
 * request uses them, and the networks that addresses belong to. Values without threads or state.
 */
@NullMarked
package org.wasmbroker.url;

import org.jspecify.annotations.NullMarked;
