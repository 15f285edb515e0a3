package org.wasmbroker.registry;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.grant.SecretName;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.Destination;
import tools.jackson.databind.JsonNode;

/** Reads what a manifest asks for, its member {@code capabilities}. */
final class CapabilitiesReader {
  /** More than any handler has a reason to ask for. */
  private static final int MOST = 100;

  private static final String PLACE = "/capabilities";

  private CapabilitiesReader() {}

  /**
   * @param asked a JSON object, or null where the manifest has none
   * @throws IllegalArgumentException naming the place and what is wrong with it
   */
  static RequestedCapabilities read(
      @Nullable JsonNode asked, @Nullable ResourceClassName resourceClass) {
    if (asked == null) {
      var basic = RequestedCapabilities.BASIC;
      return new RequestedCapabilities(
          basic.functions(), basic.http(), basic.secrets(), false, resourceClass);
    }
    onlyMembers(asked, PLACE, List.of("host_functions", "http", "secrets"));
    var functions =
        asked.has("host_functions")
            ? new HashSet<>(list(asked, "host_functions", CapabilitiesReader::function))
            : AbiFunction.basic();
    boolean everySecret = isEvery(asked.get("secrets"));
    return new RequestedCapabilities(
        functions,
        list(asked, "http", CapabilitiesReader::destination),
        everySecret
            ? Set.of()
            : new LinkedHashSet<>(list(asked, "secrets", CapabilitiesReader::secret)),
        everySecret,
        resourceClass);
  }

  /** A single star asks for whatever is granted. */
  private static boolean isEvery(@Nullable JsonNode secrets) {
    return secrets != null
        && secrets.isArray()
        && secrets.size() == 1
        && secrets.get(0).isString()
        && secrets.get(0).stringValue().equals("*");
  }

  private static SecretName secret(JsonNode node) {
    return new SecretName(string(node));
  }

  private static AbiFunction function(JsonNode node) {
    var name = string(node);
    return AbiFunction.of(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "is '%s' and must be one of %s"
                        .formatted(SafeText.sanitize(name, 40), AbiFunction.names())));
  }

  private static Destination destination(JsonNode node) {
    if (node.isString()) {
      return Destination.parse(node.stringValue());
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException("must be a string or an object");
    }
    var methods = methods(node);
    if (node.has("url")) {
      onlyMembers(node, "", List.of("url", "methods"));
      return Destination.of(member(node, "url", ""), methods);
    }
    onlyMembers(node, "", List.of("scheme", "host", "port", "path", "methods"));
    return Destination.of(
        member(node, "scheme", "https"),
        member(node, "host", ""),
        node.has("port") ? port(node) : null,
        member(node, "path", "/"),
        methods);
  }

  private static String port(JsonNode node) {
    var port = node.get("port");
    return port.isIntegralNumber() ? port.asString() : string(port);
  }

  private static Set<String> methods(JsonNode node) {
    var methods = new LinkedHashSet<String>();
    var given = node.get("methods");
    if (given != null && !given.isArray()) {
      throw new IllegalArgumentException("has methods that are no array");
    }
    if (given != null) {
      given.forEach(method -> methods.add(string(method)));
    }
    return methods;
  }

  private static String member(JsonNode node, String name, String otherwise) {
    var given = node.get(name);
    return given == null ? otherwise : string(given);
  }

  private static String string(JsonNode node) {
    if (!node.isString()) {
      throw new IllegalArgumentException("must be a string");
    }
    return node.stringValue();
  }

  private static <T> List<T> list(JsonNode asked, String name, Function<JsonNode, T> read) {
    var place = PLACE + "/" + name;
    var given = asked.get(name);
    if (given == null) {
      return List.of();
    }
    if (!given.isArray() || given.size() > MOST) {
      throw new IllegalArgumentException(place + " must be an array of at most " + MOST);
    }
    var all = new ArrayList<T>();
    for (int i = 0; i < given.size(); i++) {
      try {
        all.add(read.apply(given.get(i)));
      } catch (IllegalArgumentException wrong) {
        throw new IllegalArgumentException(place + "/" + i + ": " + wrong.getMessage(), wrong);
      }
    }
    return List.copyOf(all);
  }

  private static void onlyMembers(JsonNode object, String place, List<String> known) {
    for (var name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "%s/%s is unknown; the members are %s"
                .formatted(place, SafeText.sanitize(name, 60), String.join(", ", known)));
      }
    }
  }
}
