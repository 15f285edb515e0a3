package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Secrets.
 *
 * <p>{@code read_secret(name_ptr, name_len, value_ptr, value_cap) -> i32}: the length of the value
 * in bytes. It is copied to {@code value_ptr} if {@code value_cap} is at least that; else nothing
 * is. FAULT; INVALID for a name that no secret can have; DENIED without a grant; NOT_FOUND where
 * none of the broker's sources has it; IO where one has it but cannot be read now.
 */
final class SecretsCapability
    implements Capability<
        SecretRequest, Map<SecretName, SecretGrant>, Map<SecretName, SecretGrant>> {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "read_secret",
              List.of(I32, I32, I32, I32),
              I32,
              SecretsCapability::read));

  private static final int MAX_REQUESTED = 100;
  private static final int NAME_BYTES = 253;

  @Override
  public String name() {
    return "secrets";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public SecretRequest readRequest(ObjectReader capabilities) {
    if (isStar(capabilities.member("secrets"))) {
      return SecretRequest.ALL;
    }
    return new SecretRequest(
        Set.copyOf(
            capabilities.array(
                "secrets",
                MAX_REQUESTED,
                value -> Optional.ofNullable(value.parse(SecretName::new)))),
        false);
  }

  /** A single star requests whatever is granted. */
  private static boolean isStar(@Nullable DocumentValue secrets) {
    return secrets != null
        && secrets.json().isArray()
        && secrets.json().size() == 1
        && secrets.json().get(0).isString()
        && secrets.json().get(0).stringValue().equals("*");
  }

  @Override
  public SecretRequest defaultRequest() {
    return SecretRequest.NONE;
  }

  @Override
  public RuleReader<Map<SecretName, SecretGrant>> readPolicy(ObjectReader root) {
    var destinations = SecretRuleReader.readDestinations(root);
    return new SecretRuleReader(destinations)::read;
  }

  /** A secret that one rule makes readable is readable. */
  @Override
  public Map<SecretName, SecretGrant> merge(List<Map<SecretName, SecretGrant>> rules) {
    var merged = new LinkedHashMap<SecretName, SecretGrant>();
    for (var rule : rules) {
      rule.forEach(
          (name, grant) -> merged.merge(name, grant, (one, other) -> one.readable() ? one : other));
    }
    return merged;
  }

  @Override
  public Map<SecretName, SecretGrant> intersect(
      SecretRequest requested, Map<SecretName, SecretGrant> permitted) {
    var granted = new TreeMap<>(permitted);
    granted.keySet().removeIf(name -> !requested.includes(name));
    return Collections.unmodifiableMap(granted);
  }

  @Override
  public boolean isGranted(Map<SecretName, SecretGrant> permitted) {
    return permitted.values().stream().anyMatch(SecretGrant::readable);
  }

  @Override
  public String grantedBy() {
    return "names in readable-secrets";
  }

  @Override
  public String notGranted() {
    return "no applicable rule has a name in readable-secrets";
  }

  @Override
  public void explain(
      SecretRequest requested,
      Map<SecretName, SecretGrant> permitted,
      Consumer<String> differences) {
    for (var name : new TreeSet<>(requested.names())) {
      if (!permitted.containsKey(name)) {
        differences.accept("the secret " + name + " is requested but not granted");
      }
    }
    for (var name : new TreeSet<>(permitted.keySet())) {
      if (!requested.includes(name)) {
        differences.accept("the secret " + name + " is granted but not requested by the manifest");
      }
    }
  }

  @Override
  public Map<String, ?> describeRequest(SecretRequest requested) {
    return Map.of(
        "secrets",
        requested.all()
            ? List.of("*")
            : requested.names().stream().sorted().map(SecretName::text).toList());
  }

  @Override
  public void describeAdded(SecretRequest before, SecretRequest after, Consumer<String> added) {
    if (after.all() && !before.all()) {
      added.accept("every secret that the policy grants");
    }
    for (var name : new TreeSet<>(after.names())) {
      if (!before.includes(name)) {
        added.accept("the secret " + name);
      }
    }
  }

  @Override
  public Map<String, ?> describePermit(Map<SecretName, SecretGrant> permitted) {
    return Map.of(
        "secrets", permitted.values().stream().map(SecretGrant::describe).sorted().toList());
  }

  @Override
  public Map<String, ?> describeGrant(Map<SecretName, SecretGrant> granted) {
    return describePermit(granted);
  }

  @Override
  public void summarize(Map<SecretName, SecretGrant> granted, ObjectNode receipt) {
    if (!granted.isEmpty()) {
      var names = receipt.putArray("secrets");
      granted.keySet().stream().sorted().forEach(name -> names.add(name.text()));
    }
  }

  private static GuestSecrets secrets(HostCall call) {
    var secrets = call.run().invocation().access().find(GuestSecrets.class);
    return secrets == null ? GuestSecrets.NONE : secrets;
  }

  private static long read(HostCall call) {
    var memory = call.memory();
    if (!memory.contains(call.i32(0), call.i32(1)) || !memory.contains(call.i32(2), call.i32(3))) {
      return AbiError.FAULT.code();
    }
    if (call.i32(1) == 0 || Integer.toUnsignedLong(call.i32(1)) > NAME_BYTES) {
      return AbiError.INVALID.code();
    }
    var name = new String(memory.read(call.i32(0), call.i32(1)), StandardCharsets.UTF_8);
    if (!name.chars().allMatch(SecretsCapability::isInName)) {
      return AbiError.INVALID.code();
    }
    try {
      var value = secrets(call).read(name);
      if (Integer.toUnsignedLong(call.i32(3)) >= value.length) {
        memory.write(call.i32(2), value, 0, value.length);
      }
      return value.length;
    } catch (CallRefusedException refused) {
      return refused.error().code();
    }
  }

  /** The characters that Kubernetes allows in the keys of a secret. */
  private static boolean isInName(int letter) {
    return (letter >= 'a' && letter <= 'z')
        || (letter >= 'A' && letter <= 'Z')
        || (letter >= '0' && letter <= '9')
        || letter == '_'
        || letter == '-'
        || letter == '.';
  }
}
