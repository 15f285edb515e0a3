package org.wasmbroker.capability;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.url.Destination;

/** Reads the secrets that a rule grants, which the policy's root binds to destinations. */
final class SecretRuleReader {
  private final Map<SecretName, List<Destination>> destinations;

  /**
   * @param destinations of each secret that the policy declares
   */
  SecretRuleReader(Map<SecretName, List<Destination>> destinations) {
    this.destinations = destinations;
  }

  /** Methods may be left out, since a secret is bound to destinations whatever the method. */
  static Map<SecretName, List<Destination>> readDestinations(ObjectReader root) {
    var destinations = new LinkedHashMap<SecretName, List<Destination>>();
    var section = root.object("secrets");
    section
        .entries()
        .forEach(
            (key, value) ->
                value
                    .create(() -> new SecretName(key))
                    .ifPresent(
                        name ->
                            destinations.put(
                                name,
                                section.values(
                                    key, text -> Destination.parse(text, Set.of("*"))))));
    return destinations;
  }

  Map<SecretName, SecretGrant> read(ObjectReader rule) {
    var injected = rule.values("secrets", text -> secret(text, true));
    var readable = new HashSet<>(rule.values("readable-secrets", text -> secret(text, false)));
    var names = new TreeSet<>(readable);
    names.addAll(injected);
    var granted = new LinkedHashMap<SecretName, SecretGrant>();
    for (var name : names) {
      granted.put(
          name,
          new SecretGrant(
              name, readable.contains(name), destinations.getOrDefault(name, List.of())));
    }
    return granted;
  }

  private SecretName secret(String text, boolean injected) {
    var name = new SecretName(text);
    var bound = destinations.get(name);
    if (bound == null) {
      var near = Names.nearest(text, destinations.keySet().stream().map(SecretName::text).toList());
      throw new IllegalArgumentException(
          "'%s' is not under secrets%s"
              .formatted(
                  name,
                  near.isEmpty() ? "; add it there, with the destinations that may get it" : near));
    }
    if (injected && bound.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' is bound to no destination, so that nothing could be filled in; name some under"
                  .formatted(name)
              + " secrets, or grant it in readable-secrets");
    }
    return name;
  }
}
