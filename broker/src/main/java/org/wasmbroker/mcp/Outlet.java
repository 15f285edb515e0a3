package org.wasmbroker.mcp;

import tools.jackson.databind.node.ObjectNode;

/** Where messages to a client go. Used by one thread at a time, or thread-safe itself. */
@FunctionalInterface
interface Outlet {
  /**
   * Sends a message.
   *
   * @throws ClientGoneException if nobody reads it
   */
  void send(ObjectNode message);

  /**
   * Called now and then while a request is being served and there is nothing to send.
   *
   * @throws ClientGoneException if nobody waits any more
   */
  default void idle() {}
}
