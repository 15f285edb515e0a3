package org.wasmbroker.url;

import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;

/**
 * Which requests are covered: scheme, host, port, path prefix and methods, each of which must
 * match.
 *
 * <p>As text: {@code GET,POST https://*.example.com:8443/v1}. The methods default to GET and HEAD,
 * the port to the scheme's default, the path to all paths. An asterisk means any scheme, any port
 * or any method; with any scheme the port must be given.
 *
 * @param scheme {@code http}, {@code https} or {@code *}
 * @param port 1 to 65535, or {@link #ANY_PORT}
 * @param methods in upper case; a single {@code *} for all
 */
public record Destination(
    String scheme, HostPattern host, int port, PathPrefix path, Set<String> methods) {
  public static final int ANY_PORT = 0;

  private static final String ANY = "*";
  private static final Set<String> READ_METHODS = Set.of("GET", "HEAD");

  /**
   * @throws IllegalArgumentException if it is not a valid destination; the message says why
   */
  public Destination {
    if (!scheme.equals("http") && !scheme.equals("https") && !scheme.equals(ANY)) {
      throw invalid("scheme must be http, https or *", scheme);
    }
    if (port != ANY_PORT && !Ports.isValid(port)) {
      throw invalid("port must be 1 to 65535 or *", String.valueOf(port));
    }
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("a destination needs at least one method, or * for all");
    }
    for (var method : methods) {
      checkMethod(method);
    }
    methods = methods.contains(ANY) ? Set.of(ANY) : Set.copyOf(methods);
  }

  private static void checkMethod(String method) {
    if (HttpMethods.isForbidden(method)) {
      throw new IllegalArgumentException("the method " + method + " is never sent");
    }
    if (!method.equals(ANY) && !HttpMethods.isWellFormed(method)) {
      throw invalid("method must be in upper case, such as GET, or *", method);
    }
  }

  private static IllegalArgumentException invalid(String rule, String was) {
    return new IllegalArgumentException(
        "a destination's " + rule + ", was '" + SafeText.sanitize(was, 100) + "'");
  }

  /**
   * Reads methods and URL, such as {@code POST https://api.example.com/v1}.
   *
   * @throws IllegalArgumentException if it is not a valid destination; the message says why
   */
  public static Destination parse(String text) {
    return parse(text, READ_METHODS);
  }

  /** As {@link #parse(String)}, with other default methods. */
  public static Destination parse(String text, Set<String> defaultMethods) {
    int space = text.indexOf(' ');
    return space < 0
        ? of(text, defaultMethods)
        : of(text.substring(space + 1), methods(text.substring(0, space)));
  }

  private static Set<String> methods(String text) {
    var methods = new TreeSet<String>();
    Collections.addAll(methods, text.split(",", -1));
    return methods;
  }

  /**
   * Reads a URL as in the text form; the methods are given separately.
   *
   * @param methods if empty, GET and HEAD
   * @throws IllegalArgumentException if it is not a valid destination; the message says why
   */
  public static Destination of(String url, Collection<String> methods) {
    var parts = UrlParts.split(url);
    if (parts == null) {
      throw invalid("URL must have a form like https://api.example.com:8443/v1", url);
    }
    if (parts.query() != null || parts.hasFragment()) {
      throw invalid("URL must have no query and no fragment", url);
    }
    if (parts.hasUserInfo()) {
      throw invalid("URL must have no user name", url);
    }
    return of(parts.scheme(), parts.host(), parts.port(), parts.path(), methods);
  }

  /**
   * Reads the parts separately.
   *
   * @param port null for the scheme's default
   * @param methods if empty, GET and HEAD
   * @throws IllegalArgumentException if they are not a valid destination; the message says why
   */
  public static Destination of(
      String scheme, String host, @Nullable String port, String path, Collection<String> methods) {
    return new Destination(
        scheme,
        new HostPattern(host),
        port == null ? defaultPort(scheme) : port(port),
        new PathPrefix(path),
        methods.isEmpty() ? READ_METHODS : new TreeSet<>(methods));
  }

  private static int defaultPort(String scheme) {
    if (scheme.equals(ANY)) {
      throw new IllegalArgumentException(
          "a destination with any scheme must specify its port, a number or *");
    }
    return Ports.defaultFor(scheme);
  }

  private static int port(String text) {
    return text.equals(ANY)
        ? ANY_PORT
        : Ports.parse(text).orElseThrow(() -> invalid("port must be 1 to 65535 or *", text));
  }

  /** Whether the request with this target is covered. */
  public boolean matches(HttpTarget target) {
    var url = target.url();
    return (scheme.equals(ANY) || scheme.equals(url.scheme()))
        && (port == ANY_PORT || port == url.port())
        && (methods.contains(ANY) || methods.contains(target.method()))
        && host.matches(url.host().text())
        && path.matches(url.path());
  }

  /** The requests that both cover; empty if there are none. */
  public Optional<Destination> intersect(Destination other) {
    var commonScheme = intersect(scheme, other.scheme, ANY);
    var commonPort = intersect(port, other.port, ANY_PORT);
    var commonHost = host.intersect(other.host);
    var commonPath = path.intersect(other.path);
    var commonMethods = intersectMethods(other);
    return commonScheme.isEmpty()
            || commonPort.isEmpty()
            || commonHost.isEmpty()
            || commonPath.isEmpty()
            || commonMethods.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Destination(
                commonScheme.orElseThrow(),
                commonHost.orElseThrow(),
                commonPort.orElseThrow(),
                commonPath.orElseThrow(),
                commonMethods));
  }

  /** Whether it covers every request that the other one covers. */
  public boolean covers(Destination other) {
    return intersect(other).filter(other::equals).isPresent();
  }

  /** The same requests with other methods. */
  public Destination withMethods(Set<String> other) {
    return new Destination(scheme, host, port, path, other);
  }

  private static <T> Optional<T> intersect(T one, T other, T any) {
    if (one.equals(any) || one.equals(other)) {
      return Optional.of(other);
    }
    return other.equals(any) ? Optional.of(one) : Optional.empty();
  }

  private Set<String> intersectMethods(Destination other) {
    if (methods.contains(ANY)) {
      return other.methods;
    }
    var both = new TreeSet<>(methods);
    if (!other.methods.contains(ANY)) {
      both.retainAll(other.methods);
    }
    return both;
  }

  /** The text form that {@link #parse} reads. */
  @Override
  public String toString() {
    boolean isDefaultPort = !scheme.equals(ANY) && port == defaultPort(scheme);
    return String.join(",", new TreeSet<>(methods))
        + " "
        + scheme
        + "://"
        + host
        + (isDefaultPort ? "" : ":" + (port == ANY_PORT ? ANY : String.valueOf(port)))
        + path;
  }
}
