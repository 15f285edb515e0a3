package org.wasmbroker.app;

import org.jspecify.annotations.Nullable;

/** What is at each path. */
interface Pages {
  /** The answer to a GET, or null where there is no such page. */
  @Nullable Response get(String path, @Nullable String accept) throws InterruptedException;

  /** The answer to a POST, or null where nothing takes one. */
  default @Nullable Response post(String path) {
    return null;
  }

  /** What is here, for those who asked for something else. */
  String usage();
}
