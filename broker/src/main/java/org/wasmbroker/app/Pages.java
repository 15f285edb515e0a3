package org.wasmbroker.app;

import org.jspecify.annotations.Nullable;

/** The pages by path. */
interface Pages {
  /** The response to a GET, or null if there is no such page. */
  @Nullable Response get(String path, @Nullable String accept) throws InterruptedException;

  /** The response to a POST, or null if the path does not support it. */
  default @Nullable Response post(String path) {
    return null;
  }

  /** The available paths, for the response to an unknown one. */
  String usage();
}
