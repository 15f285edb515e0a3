package org.wasmbroker.oci;

import java.util.List;
import org.wasmbroker.url.HttpUrl;

/** HTTPS for every registry but those that the operator lists. */
record Schemes(List<String> plainHttp) {
  /** Docker Hub's name is not the host of its API. */
  private static final String DOCKER_HUB = "docker.io";

  private static final String DOCKER_HUB_API = "registry-1.docker.io";

  /** The root of the registry's API. */
  HttpUrl root(String registry) {
    var host = registry.equals(DOCKER_HUB) ? DOCKER_HUB_API : registry;
    var plain = HttpUrl.parse("http://" + host + "/v2/");
    return isPlain(plain, host) ? plain : HttpUrl.parse("https://" + host + "/v2/");
  }

  /** Whether a URL that a registry named may be used: HTTPS, or HTTP to a host of the list. */
  boolean allows(HttpUrl url) {
    return url.isSecure() || isPlain(url, url.authority());
  }

  private boolean isPlain(HttpUrl url, String registry) {
    return plainHttp.contains(registry)
        || plainHttp.contains(url.host().text())
        || (plainHttp.contains(OciConfig.LOOPBACK) && Loopback.is(url));
  }
}
