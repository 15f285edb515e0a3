package org.wasmbroker.oci;

/** All that requests to a registry go through. */
record Endpoint(Sender sender, RedirectFollower http, Schemes schemes, OciLimits limits) {
  Place at(Repository repository, int attempts) {
    return new Place(this, repository, attempts);
  }
}
