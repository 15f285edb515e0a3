package org.wasmbroker.oci;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How registries are reached.
 *
 * @param plainHttp the registries that are spoken to without TLS: {@code host}, {@code host:port},
 *     or {@code loopback} for all at this machine's loopback addresses
 * @param extraCa a PEM file of certificate authorities that are trusted in addition to the
 *     system's, or null
 * @param authFile the file of credentials, in the form of Docker's {@code config.json}, or null for
 *     the usual places
 * @param mirrors asked first, in order
 * @param proxy the HTTP proxy for all registries but those at loopback, or null for what {@code
 *     HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} say
 * @param limits time-outs and attempts
 */
public record OciConfig(
    List<String> plainHttp,
    @Nullable Path extraCa,
    @Nullable Path authFile,
    List<Mirror> mirrors,
    @Nullable String proxy,
    OciLimits limits) {
  public static final String LOOPBACK = "loopback";

  public static final OciConfig DEFAULTS =
      new OciConfig(List.of(LOOPBACK), null, null, List.of(), null, OciLimits.DEFAULTS);

  public OciConfig {
    plainHttp = plainHttp.stream().map(OciConfig::plain).toList();
    mirrors = List.copyOf(mirrors);
    if (proxy != null) {
      ProxyRules.requireProxy("registry.oci-proxy", proxy);
    }
  }

  /**
   * An element of {@code plainHttp} in its canonical form.
   *
   * @throws IllegalArgumentException if it is no host
   */
  public static String plain(String host) {
    try {
      return host.equals(LOOPBACK) ? host : Repository.canonical(host);
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException(
          "registry.oci-plain-http: " + invalid.getMessage(), invalid);
    }
  }

  public OciConfig withPlainHttp(List<String> hosts) {
    return new OciConfig(hosts, extraCa, authFile, mirrors, proxy, limits);
  }

  public OciConfig withExtraCa(Path file) {
    return new OciConfig(plainHttp, file, authFile, mirrors, proxy, limits);
  }

  public OciConfig withAuthFile(Path file) {
    return new OciConfig(plainHttp, extraCa, file, mirrors, proxy, limits);
  }

  public OciConfig withMirrors(List<Mirror> all) {
    return new OciConfig(plainHttp, extraCa, authFile, all, proxy, limits);
  }

  public OciConfig withProxy(String url) {
    return new OciConfig(plainHttp, extraCa, authFile, mirrors, url, limits);
  }

  public OciConfig withLimits(OciLimits changed) {
    return new OciConfig(plainHttp, extraCa, authFile, mirrors, proxy, changed);
  }
}
