package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.url.Destination;

/** Reads a policy file: the parts that its rules name, and then the rules. */
final class PolicyReader {
  private final Limits configured;
  private final Problems problems = new Problems();

  private PolicyReader(Limits configured) {
    this.configured = configured;
  }

  static PolicyReadResult read(byte[] file, Limits configured) {
    return new PolicyReader(configured).read(file);
  }

  private PolicyReadResult read(byte[] file) {
    var root = YamlDocument.read(file, problems);
    if (root == null) {
      return new PolicyReadResult.Invalid(problems.list());
    }
    var policy = policy(Section.of(root, "", problems), Digest.of(file));
    return problems.isEmpty()
        ? new PolicyReadResult.Valid(policy)
        : new PolicyReadResult.Invalid(problems.list());
  }

  private Policy policy(Section root, Digest digest) {
    // The order in which keys are taken is the one in which they are listed for an unknown one.
    var defaults = root.section("defaults");
    var classes = classes(root);
    var secrets = secrets(root);
    var reader = new RuleReader(classes, secrets, problems);
    var rules = new ArrayList<HandlerRule>();
    rules.add(reader.defaults(defaults));
    rules.addAll(
        root.items(
            "handlers",
            (node, place) -> Optional.of(reader.rule(Section.of(node, place, problems)))));
    root.end();
    return new Policy(digest, configured, List.copyOf(classes.values()), secrets, rules);
  }

  private Map<ResourceClassName, ResourceClass> classes(Section root) {
    var section = root.section("classes");
    if (!root.has("classes")) {
      return byName(ResourceClass.defaults(configured));
    }
    var read = new ArrayList<ResourceClass>();
    for (var entry : section.all().entrySet()) {
      var place = section.placeOf(SafeText.sanitize(entry.getKey(), 40));
      var own = Section.of(entry.getValue(), place, problems);
      var name = name(own, entry.getKey());
      var limits = LimitsReader.read(own, true);
      own.end();
      if (!own.has("memory")) {
        own.problem("has no memory; it is what a class is about, such as memory: 32MiB");
      } else if (name != null && limits.containsKey(LimitKind.MEMORY)) {
        read.add(new ResourceClass(name, limits));
      }
    }
    if (read.isEmpty() && problems.isEmpty()) {
      section.problem("has no class; leave the key out for text, image and media");
    }
    return byName(read);
  }

  private static @Nullable ResourceClassName name(Section own, String text) {
    try {
      return new ResourceClassName(text);
    } catch (IllegalArgumentException invalid) {
      own.problem(String.valueOf(invalid.getMessage()));
      return null;
    }
  }

  private static Map<ResourceClassName, ResourceClass> byName(List<ResourceClass> classes) {
    var byName = new LinkedHashMap<ResourceClassName, ResourceClass>();
    classes.forEach(each -> byName.put(each.name(), each));
    return byName;
  }

  /** Where a method may be left out, since a secret is bound to places and not to verbs. */
  private Map<SecretName, List<Destination>> secrets(Section root) {
    var secrets = new LinkedHashMap<SecretName, List<Destination>>();
    var section = root.section("secrets");
    for (var entry : section.all().entrySet()) {
      var key = entry.getKey();
      var place = section.placeOf(SafeText.sanitize(key, 40));
      try {
        secrets.put(
            new SecretName(key), section.values(key, text -> Destination.parse(text, Set.of("*"))));
      } catch (IllegalArgumentException invalid) {
        problems.add(entry.getValue().line(), place, String.valueOf(invalid.getMessage()));
      }
    }
    return secrets;
  }
}
