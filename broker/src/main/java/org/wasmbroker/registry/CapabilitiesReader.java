package org.wasmbroker.registry;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.url.Destination;

/** Reads what a manifest asks for, its member {@code capabilities}. */
final class CapabilitiesReader {
  /** More than any handler has a reason to ask for. */
  private static final int MAX_ELEMENTS = 100;

  private CapabilitiesReader() {}

  /**
   * @param capabilities null where the manifest has none
   */
  static RequestedCapabilities read(
      @Nullable ObjectReader capabilities, @Nullable ResourceClassName resourceClass) {
    if (capabilities == null) {
      var basic = RequestedCapabilities.BASIC;
      return new RequestedCapabilities(
          basic.functions(), basic.http(), basic.secrets(), false, resourceClass);
    }
    var functions = strings(capabilities, "host_functions", CapabilitiesReader::function);
    var http = capabilities.array("http", MAX_ELEMENTS, CapabilitiesReader::destination);
    boolean everySecret = isEvery(capabilities.member("secrets"));
    var secrets =
        everySecret ? List.<SecretName>of() : strings(capabilities, "secrets", SecretName::new);
    capabilities.finish();
    return new RequestedCapabilities(
        capabilities.has("host_functions") ? new HashSet<>(functions) : AbiFunction.basic(),
        http,
        new LinkedHashSet<>(secrets),
        everySecret,
        resourceClass);
  }

  /** A single star asks for whatever is granted. */
  private static boolean isEvery(@Nullable DocumentValue secrets) {
    return secrets != null
        && secrets.json().isArray()
        && secrets.json().size() == 1
        && secrets.json().get(0).isString()
        && secrets.json().get(0).stringValue().equals("*");
  }

  private static AbiFunction function(String name) {
    return AbiFunction.of(name)
        .orElseThrow(() -> new IllegalArgumentException(Names.notOneOf(name, functionNames())));
  }

  private static List<String> functionNames() {
    return Stream.of(AbiFunction.values()).map(AbiFunction::text).toList();
  }

  private static Optional<Destination> destination(DocumentValue value) {
    if (value.isText()) {
      return Optional.ofNullable(value.parse(Destination::parse));
    }
    if (!value.json().isObject()) {
      value.problem("must be a string or an object");
      return Optional.empty();
    }
    var object = value.object();
    var destination = object.has("url") ? fromUrl(object) : fromParts(object);
    object.finish();
    return destination;
  }

  private static Optional<Destination> fromUrl(ObjectReader object) {
    var url = object.string("url");
    var methods = methods(object);
    return url == null ? Optional.empty() : object.create(() -> Destination.of(url, methods));
  }

  private static Optional<Destination> fromParts(ObjectReader object) {
    var scheme = orElse(object.string("scheme"), "https");
    var host = orElse(object.string("host"), "");
    var port =
        object.json("port", json -> json.isIntegralNumber() || json.isString(), "a port or '*'");
    var path = orElse(object.string("path"), "/");
    var methods = methods(object);
    return object.create(
        () -> Destination.of(scheme, host, port == null ? null : port.asString(), path, methods));
  }

  private static Set<String> methods(ObjectReader object) {
    return new LinkedHashSet<>(strings(object, "methods", Function.identity()));
  }

  private static String orElse(@Nullable String text, String defaultValue) {
    return text == null ? defaultValue : text;
  }

  private static <T> List<T> strings(ObjectReader object, String name, Function<String, T> parse) {
    return object.array(name, MAX_ELEMENTS, value -> Optional.ofNullable(value.parse(parse)));
  }
}
