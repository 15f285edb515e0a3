package org.wasmbroker.oci;

import org.wasmbroker.url.HttpUrl;

/** This machine's own addresses, on the way to which nobody can listen. */
final class Loopback {
  private Loopback() {}

  static boolean is(HttpUrl url) {
    var address = url.host().address();
    return address == null ? url.host().text().equals("localhost") : address.isLoopbackAddress();
  }
}
