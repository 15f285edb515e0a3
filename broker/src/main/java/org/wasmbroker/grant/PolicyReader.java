package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CapabilityPermits;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.grant.trust.KeyFiles;
import org.wasmbroker.grant.trust.TrustReader;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;

/** Reads a policy file: first what its rules refer to, and then the rules. */
final class PolicyReader {
  static final int MAX_BYTES = 1 << 20;

  private static final DocumentReader YAML =
      new DocumentReader(Syntax.YAML, MAX_BYTES, 20).withScalarsAsText();

  private final Capabilities table;
  private final Limits configured;
  private final ParsedDocument document;

  private PolicyReader(Capabilities table, Limits configured, ParsedDocument document) {
    this.table = table;
    this.configured = configured;
    this.document = document;
  }

  /**
   * @param source the file's name for problems, or empty
   * @param keyFiles what reads the files of keys that it names
   */
  static PolicyReadResult read(
      Capabilities table, String source, byte[] file, Limits configured, KeyFiles keyFiles) {
    var document = YAML.read(source, file);
    if (!document.hasProblems()) {
      var policy = new PolicyReader(table, configured, document).policy(Digest.of(file), keyFiles);
      if (!document.hasProblems()) {
        return new PolicyReadResult.Valid(policy);
      }
    }
    return new PolicyReadResult.Invalid(document.problems());
  }

  private Policy policy(Digest digest, KeyFiles keyFiles) {
    // Keys are read in the order in which the message about an unknown key lists them.
    var root = document.object();
    var defaults = root.object("defaults");
    var classes = classes(root);
    var permits = new CapabilityPermits.Reader(table, root);
    var reader = new RuleReader(table, classes, permits);
    var rules = new ArrayList<HandlerRule>();
    rules.add(reader.defaults(defaults));
    rules.addAll(root.items("handlers", rule -> Optional.of(reader.rule(rule.object()))));
    var trust = new TrustReader(keyFiles).read(root);
    root.finish();
    return new Policy(table, digest, configured, List.copyOf(classes.values()), rules, trust);
  }

  private Map<ResourceClassName, ResourceClass> classes(ObjectReader root) {
    var section = root.object("classes");
    if (!root.has("classes")) {
      return byName(ResourceClass.defaults(configured));
    }
    var read = new ArrayList<ResourceClass>();
    section
        .entries()
        .forEach(
            (key, value) -> {
              var name = value.create(() -> new ResourceClassName(key));
              var resourceClass = value.object();
              var limits = LimitsReader.read(resourceClass, true);
              resourceClass.finish();
              if (!resourceClass.has("memory")) {
                resourceClass.problem(
                    "has no memory, which a class must set, such as memory: 32MiB");
              } else if (limits.containsKey(LimitKind.MEMORY)) {
                name.ifPresent(known -> read.add(new ResourceClass(known, limits)));
              }
            });
    if (read.isEmpty() && !document.hasProblems()) {
      section.problem("has no class; leave the key out for text, image and media");
    }
    return byName(read);
  }

  private static Map<ResourceClassName, ResourceClass> byName(List<ResourceClass> classes) {
    var byName = new LinkedHashMap<ResourceClassName, ResourceClass>();
    classes.forEach(each -> byName.put(each.name(), each));
    return byName;
  }
}
