/**
 * A server of the Model Context Protocol: the handlers that the policy lets run, as tools. A call
 * of a tool is a step, admitted and run like any other. JSON-RPC messages, the two eras of the
 * protocol, what is served, and the two ways to reach it: standard input and output, and HTTP. A
 * request is answered on a thread of its transport, a guest runs on a thread of its own.
 */
@NullMarked
package org.wasmbroker.mcp;

import org.jspecify.annotations.NullMarked;
