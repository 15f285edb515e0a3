package org.wasmbroker.capability;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.url.Destination;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests to other servers: a manifest names destinations, and a policy grants them, each on its
 * terms.
 */
final class HttpCapability
    implements Capability<List<Destination>, List<DestinationGrant>, HttpGrants> {
  /** More than any handler has a reason to request. */
  private static final int MAX_REQUESTED = 100;

  /** More destinations than a receipt should carry; the rest is counted. */
  private static final int MAX_IN_RECEIPT = 20;

  @Override
  public String name() {
    return "http";
  }

  @Override
  public List<HostFunction> functions() {
    return HttpFunctions.ALL;
  }

  @Override
  public Set<LimitKind> limits() {
    return EnumSet.of(
        LimitKind.HTTP_CALLS,
        LimitKind.HTTP_SENT,
        LimitKind.HTTP_RECEIVED,
        LimitKind.HTTP_TIMEOUT,
        LimitKind.HTTP_RESPONSES);
  }

  @Override
  public List<Destination> readRequest(ObjectReader capabilities) {
    return capabilities.array("http", MAX_REQUESTED, HttpCapability::destination);
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
    return new LinkedHashSet<>(
        object.array(
            "methods",
            MAX_REQUESTED,
            value -> Optional.ofNullable(value.parse(Function.identity()))));
  }

  private static String orElse(@Nullable String text, String defaultValue) {
    return text == null ? defaultValue : text;
  }

  @Override
  public List<Destination> defaultRequest() {
    return List.of();
  }

  @Override
  public RuleReader<List<DestinationGrant>> readPolicy(ObjectReader root) {
    return rule -> {
      var mode = rule.value("mode", Mode::parse);
      var destinations = new HttpRuleReader(mode == null ? Mode.ENFORCE : mode);
      return rule.items("http", destinations::read);
    };
  }

  @Override
  public List<DestinationGrant> merge(List<List<DestinationGrant>> rules) {
    return rules.stream().flatMap(List::stream).toList();
  }

  @Override
  public HttpGrants intersect(List<Destination> requested, List<DestinationGrant> permitted) {
    return new HttpGrants(requested, permitted);
  }

  @Override
  public boolean isGranted(List<DestinationGrant> permitted) {
    return !permitted.isEmpty();
  }

  @Override
  public String grantedBy() {
    return "destinations in http";
  }

  @Override
  public String notGranted() {
    return "no applicable rule has a destination in http";
  }

  @Override
  public void explain(
      List<Destination> requested, List<DestinationGrant> permitted, Consumer<String> differences) {
    for (var wanted : requested) {
      if (permitted.stream().noneMatch(grant -> overlaps(wanted, grant))) {
        differences.accept(wanted + " is requested, but no applicable rule grants any of it");
      }
    }
    for (var grant : permitted) {
      if (requested.stream().noneMatch(wanted -> overlaps(wanted, grant))) {
        differences.accept(grant + " is granted, but the manifest requests none of it");
      } else if (grant.mode() == Mode.AUDIT) {
        differences.accept(grant + " is granted in audit mode: each use is counted and logged");
      }
    }
  }

  private static boolean overlaps(Destination wanted, DestinationGrant grant) {
    return wanted.intersect(grant.destination()).isPresent();
  }

  @Override
  public Map<String, ?> describeRequest(List<Destination> requested) {
    return describe(requested);
  }

  @Override
  public void describeAdded(
      List<Destination> before, List<Destination> after, Consumer<String> added) {
    for (var wanted : after) {
      var methods = new TreeSet<String>();
      for (var method : wanted.methods()) {
        if (before.stream().noneMatch(old -> old.covers(wanted.withMethods(Set.of(method))))) {
          methods.add(method);
        }
      }
      if (!methods.isEmpty()) {
        added.accept("requests to " + wanted.withMethods(methods));
      }
    }
  }

  @Override
  public Map<String, ?> describePermit(List<DestinationGrant> permitted) {
    return describe(permitted);
  }

  @Override
  public Map<String, ?> describeGrant(HttpGrants granted) {
    return describe(granted.effective());
  }

  private static Map<String, ?> describe(List<?> destinations) {
    var described = new LinkedHashMap<String, Object>();
    described.put("destinations", destinations.stream().map(Object::toString).toList());
    return described;
  }

  @Override
  public void summarize(HttpGrants granted, ObjectNode receipt) {
    var effective = granted.effective();
    if (!effective.isEmpty()) {
      var destinations = receipt.putArray("destinations");
      effective.stream()
          .limit(MAX_IN_RECEIPT)
          .map(grant -> grant.destination() + (grant.mode() == Mode.AUDIT ? " (audit)" : ""))
          .forEach(destinations::add);
    }
    if (effective.size() > MAX_IN_RECEIPT) {
      receipt.put("more_destinations", effective.size() - MAX_IN_RECEIPT);
    }
  }
}
