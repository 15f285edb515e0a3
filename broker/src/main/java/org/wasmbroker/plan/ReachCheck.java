package org.wasmbroker.plan;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Names;
import org.wasmbroker.plan.ConfigurationParts.Part;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.Meaning;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.HttpTarget;
import tools.jackson.databind.JsonNode;

/**
 * Whether the policy lets a step reach what its configuration names. Of a URL with references,
 * scheme, host and port are known, and the path up to the first of them.
 */
final class ReachCheck {
  private static final String RULE = "policy";

  /** A text that a reference may stand for in a path. */
  private static final String STAND_IN = "x";

  private final HandlerEntry entry;
  private final Findings findings;

  ReachCheck(HandlerEntry entry, Findings findings) {
    this.entry = entry;
    this.findings = findings;
  }

  void check(List<Part> parts) {
    var method =
        parts.stream()
            .filter(part -> part.meaning() == Meaning.METHOD && part.value().isString())
            .map(part -> part.value().stringValue())
            .findFirst()
            .orElse(null);
    HttpTarget known = null;
    for (var part : parts) {
      if (part.meaning() == Meaning.URL && part.value().isString()) {
        known = url(part.value().stringValue(), part.pointer(), method);
      }
    }
    for (var part : parts) {
      if (part.meaning() == Meaning.REFERENCES) {
        secrets(part.value(), part.pointer(), known);
      }
    }
  }

  /** The request's target if all of it is known. */
  private @Nullable HttpTarget url(String text, JsonPointer pointer, @Nullable String method) {
    var references = Reference.in(text);
    if (references.stream().anyMatch(each -> each.problem() != null)) {
      return null; // reported as what it is
    }
    if (Reference.only(text) != null) {
      findings.warning(
          RULE,
          pointer,
          "is decided by the data: nothing is known of where the request goes",
          "the grants of the policy are all that restricts it");
      return null;
    }
    var filled = text;
    for (var reference : references) {
      filled = filled.replace(reference.written(), STAND_IN);
    }
    try {
      var target = HttpTarget.parse(method == null ? "GET" : method, filled);
      destination(target, text, references, pointer, method);
      return references.isEmpty() && method != null ? target : null;
    } catch (IllegalArgumentException invalid) {
      if (findings.hasErrorAt(pointer)) {
        return null; // the handler said it
      }
      findings.error(
          RULE, pointer, "is no URL: " + invalid.getMessage(), "begin it with https:// and a host");
      return null;
    }
  }

  private void destination(
      HttpTarget target,
      String text,
      List<Reference> references,
      JsonPointer pointer,
      @Nullable String method) {
    var grants = entry.grants().of(Capabilities.HTTP);
    if (!entry.grants().isGranted(Capabilities.HTTP)) {
      refused(pointer, target, "no destination is granted to " + entry.manifest().name());
      return;
    }
    boolean certain = references.isEmpty() && method != null;
    if (certain) {
      if (grants.decide(target) instanceof HttpGrants.Decision.Refused(var reason)) {
        refused(pointer, target, reason);
      }
      return;
    }
    var possible =
        beginning(target, text, references, method)
            .filter(
                wanted ->
                    grants.effective().stream()
                        .anyMatch(grant -> grant.destination().intersect(wanted).isPresent()));
    if (possible.isEmpty()) {
      refused(pointer, target, "no grant covers " + target.origin() + " and this path");
    } else if (!isCovered(grants, target, method)) {
      findings.warning(
          RULE,
          pointer,
          "may be refused: whether a grant covers it depends on the data",
          "compare it with policy explain " + entry.manifest().name());
    }
  }

  private static boolean isCovered(HttpGrants grants, HttpTarget target, @Nullable String method) {
    return method == null
        ? grants.effective().stream()
            .anyMatch(grant -> grant.destination().withMethods(Set.of("*")).matches(target))
        : grants.decide(target) instanceof HttpGrants.Decision.Allowed;
  }

  /** All requests that it may become. */
  private static Optional<Destination> beginning(
      HttpTarget target, String text, List<Reference> references, @Nullable String method) {
    var url = target.url();
    var path = url.path();
    if (!references.isEmpty()) {
      int before = references.getFirst().at() - 1;
      int start = text.indexOf('/', text.indexOf("//") + 2);
      int query = text.indexOf('?');
      boolean inPath = start >= 0 && start < before && (query < 0 || query > before);
      if (inPath) {
        path = text.substring(start, text.lastIndexOf('/', before) + 1);
      }
    }
    try {
      return Optional.of(
          Destination.of(
              url.scheme(),
              url.host().text(),
              String.valueOf(url.port()),
              path,
              Set.of(method == null ? "*" : method)));
    } catch (IllegalArgumentException unusual) {
      return Optional.empty();
    }
  }

  private void refused(JsonPointer pointer, HttpTarget target, String reason) {
    findings.error(
        RULE,
        pointer,
        "would fail with not_allowed: " + reason,
        "ask the operator to grant %s to %s, or use another destination; policy explain %s shows what there is"
            .formatted(target, entry.manifest().name(), entry.manifest().name()));
  }

  private void secrets(JsonNode value, JsonPointer pointer, @Nullable HttpTarget target) {
    if (value.isString()) {
      Reference.in(value.stringValue()).stream()
          .filter(Reference::isSecret)
          .forEach(reference -> secret(reference.path().getLast(), pointer, target));
    }
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      secrets(value.get(i), pointer.element(i), target);
    }
    value
        .properties()
        .forEach(member -> secrets(member.getValue(), pointer.member(member.getKey()), target));
  }

  private void secret(String name, JsonPointer pointer, @Nullable HttpTarget target) {
    var granted = entry.grants().of(Capabilities.SECRETS);
    SecretGrant grant;
    try {
      grant = granted.get(new SecretName(name));
    } catch (IllegalArgumentException invalid) {
      findings.error("reference", pointer, String.valueOf(invalid.getMessage()), "");
      return;
    }
    if (grant == null) {
      findings.error(
          RULE,
          pointer,
          "needs the secret %s, which is not granted to %s%s"
              .formatted(
                  name,
                  entry.manifest().name(),
                  Names.nearest(name, granted.keySet().stream().map(SecretName::text).toList())),
          "ask the operator to grant it and to bind it to the destination; granted: "
              + Names.list(granted.keySet()));
    } else if (target != null && !grant.isBoundTo(target)) {
      findings.error(
          RULE,
          pointer,
          "would send the secret %s to %s, to which it is not bound".formatted(name, target),
          "bound to: " + Names.list(grant.boundTo()));
    }
  }
}
