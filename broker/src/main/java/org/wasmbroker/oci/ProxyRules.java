package org.wasmbroker.oci;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.Network;

/**
 * Which requests go through which proxy. A setting counts for all hosts; without one, the
 * environment variables that most programs know: {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code
 * NO_PROXY}, also in lower case. What is at a loopback address is never asked for through a proxy.
 */
final class ProxyRules {
  private static final int MAX_EXCEPTIONS = 1000;

  private final @Nullable HttpUrl forHttps;
  private final @Nullable HttpUrl forHttp;
  private final List<String> exceptions;

  private ProxyRules(
      @Nullable HttpUrl forHttps, @Nullable HttpUrl forHttp, List<String> exceptions) {
    this.forHttps = forHttps;
    this.forHttp = forHttp;
    this.exceptions = exceptions;
  }

  /**
   * @param setting the proxy for everything, or null
   * @throws IllegalArgumentException if a variable names no proxy; the message names the variable
   */
  static ProxyRules of(@Nullable String setting, Map<String, String> environment) {
    if (setting != null) {
      var proxy = requireProxy("registry.oci-proxy", setting);
      return new ProxyRules(proxy, proxy, List.of());
    }
    return new ProxyRules(
        variable("HTTPS_PROXY", environment),
        variable("HTTP_PROXY", environment),
        exceptions(value("NO_PROXY", environment)));
  }

  private static @Nullable HttpUrl variable(String name, Map<String, String> environment) {
    var value = value(name, environment);
    return value.isEmpty() ? null : requireProxy(name, value);
  }

  private static String value(String name, Map<String, String> environment) {
    var lower = environment.get(name.toLowerCase(Locale.ROOT));
    return (lower == null ? environment.getOrDefault(name, "") : lower).strip();
  }

  /**
   * @throws IllegalArgumentException if it is not a proxy's URL; the message does not quote it, as
   *     it may contain a password
   */
  static HttpUrl requireProxy(String name, String value) {
    try {
      var url = HttpUrl.parse(value.contains("://") ? value : "http://" + value);
      if (!url.isSecure() && url.pathAndQuery().equals("/")) {
        return url;
      }
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException(
          name + " is not a proxy such as http://proxy.example:3128: " + invalid.getMessage(),
          invalid);
    }
    throw new IllegalArgumentException(name + " is not a proxy such as http://proxy.example:3128");
  }

  private static List<String> exceptions(String list) {
    var found = new ArrayList<String>();
    for (var entry : list.split(",", MAX_EXCEPTIONS)) {
      var text = entry.strip().toLowerCase(Locale.ROOT);
      if (!text.isEmpty()) {
        found.add(text);
      }
    }
    return List.copyOf(found);
  }

  /** The proxy for a request, or null for none. */
  @Nullable HttpUrl proxy(HttpUrl target) {
    var proxy = target.isSecure() ? forHttps : forHttp;
    return proxy == null || Loopback.is(target) || isException(target) ? null : proxy;
  }

  private boolean isException(HttpUrl target) {
    return exceptions.stream().anyMatch(exception -> matches(exception, target));
  }

  private static boolean matches(String exception, HttpUrl target) {
    if (exception.equals("*")) {
      return true;
    }
    var address = target.host().address();
    if (address != null) {
      return exception.equals(target.host().text())
          || exception.equals(target.host().text() + ":" + target.port())
          || isWithin(exception, address);
    }
    var host = target.host().text();
    int colon = exception.lastIndexOf(':');
    if (colon > 0 && exception.indexOf(':') == colon) {
      if (!exception.substring(colon + 1).equals(String.valueOf(target.port()))) {
        return false;
      }
      exception = exception.substring(0, colon);
    }
    if (exception.startsWith("*.")) {
      exception = exception.substring(1);
    }
    return exception.startsWith(".")
        ? host.endsWith(exception)
        : host.equals(exception) || host.endsWith("." + exception);
  }

  private static boolean isWithin(String exception, InetAddress address) {
    try {
      return Network.parse(exception).contains(address);
    } catch (IllegalArgumentException notANetwork) {
      return false;
    }
  }
}
