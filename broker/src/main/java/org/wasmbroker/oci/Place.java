package org.wasmbroker.oci;

import java.util.function.Function;
import org.wasmbroker.url.HttpUrl;

/** A repository, and how requests get there. */
record Place(Endpoint endpoint, Repository repository, int attempts) {

  /**
   * @param path below the repository, such as {@code blobs/…}
   */
  HttpUrl url(String path) {
    return endpoint.schemes().root(repository.registry()).resolve(repository.path() + "/" + path);
  }

  OciRequest request(String method, String path) {
    return OciRequest.of(method, url(path), endpoint.limits().exchange());
  }

  /** A request that moves a blob. */
  OciRequest transfer(String method, HttpUrl url) {
    return OciRequest.of(method, url, endpoint.limits().transfer());
  }

  Answer pull(OciRequest request) {
    return endpoint.sender().send(request, Access.pull(repository), attempts);
  }

  Answer push(OciRequest request) {
    return endpoint.sender().send(request, Access.push(repository), attempts);
  }

  /**
   * What consists of several requests, or of a response that may be cut off: repeated from its
   * beginning when the registry is at fault.
   */
  <T> T repeated(Function<Place, T> operation) {
    var once = new Place(endpoint, repository, 1);
    for (int attempt = 1; ; attempt++) {
      try {
        return operation.apply(once);
      } catch (OciException failure) {
        if (!failure.isTransient() || attempt >= attempts) {
          throw failure;
        }
        endpoint.sender().backOff(attempt);
      }
    }
  }
}
