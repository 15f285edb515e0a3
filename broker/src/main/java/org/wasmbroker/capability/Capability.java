package org.wasmbroker.capability;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.HostFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something that a guest may be able to do beyond computing, as one object: its host functions,
 * what a manifest may request of it, what a policy may grant, and its part of the explanation, of
 * the receipt and of {@code docs/guest-abi.md}. The table of them is {@link Capabilities}.
 *
 * <p>A policy grants a capability in one of two ways. A <em>basic</em> one is granted by the names
 * of its functions under {@code functions}, and to every handler by default; any other is granted
 * by its own keys, which grant its functions, too.
 *
 * @param <R> what a manifest requests
 * @param <P> what a policy permits
 * @param <G> what is effective: the part of what is permitted that is requested
 */
public interface Capability<R, P, G> {
  /** Its name, such as {@code http}. */
  String name();

  /** Its host functions, in the order of {@code docs/guest-abi.md}; none by default. */
  default List<HostFunction> functions() {
    return List.of();
  }

  /** The limits that its functions use, besides the number of host calls. */
  default Set<LimitKind> limits() {
    return Set.of();
  }

  /** Whether it is granted by the names of its functions, and to every handler by default. */
  default boolean isBasic() {
    return false;
  }

  /** Reads its own members of a manifest's {@code capabilities}. */
  R readRequest(ObjectReader capabilities);

  /** What a manifest requests that does not mention it. */
  R defaultRequest();

  /**
   * Reads its own keys of a policy's root.
   *
   * @return the reader of its own keys in the policy's rules
   */
  RuleReader<P> readPolicy(ObjectReader root);

  /** Whether its keys of a rule are also allowed under a policy's {@code defaults}. */
  default boolean hasDefaults() {
    return false;
  }

  /** What rules permit together, in the order of the policy; nothing if there are none. */
  P merge(List<P> rules);

  /** The part of what is permitted that is requested. */
  G intersect(R requested, P permitted);

  /** Whether a policy that permits this grants its functions; not called for a basic one. */
  default boolean isGranted(P permitted) {
    return false;
  }

  /** Whether what is effective is anything, of a capability that has no function to show it. */
  default boolean isEffective(G granted) {
    return false;
  }

  /** The keys of a rule that grant its functions, such as {@code destinations in http}. */
  default String grantedBy() {
    return "its functions' names in functions";
  }

  /** Why its functions are not granted, for a person who requested them. */
  default String notGranted() {
    return "no functions list of an applicable rule has it";
  }

  /** Reports what is requested and not granted, and the reverse, a sentence for each. */
  default void explain(R requested, P permitted, Consumer<String> differences) {}

  /** What is requested, by its name in {@code policy explain}. */
  default Map<String, ?> describeRequest(R requested) {
    return Map.of();
  }

  /**
   * Reports what one manifest requests and the one before it did not, a noun phrase for each, such
   * as {@code the secret api-key}.
   */
  default void describeAdded(R before, R after, Consumer<String> added) {}

  /** What is permitted, by its name in {@code policy explain}. */
  default Map<String, ?> describePermit(P permitted) {
    return Map.of();
  }

  /** What is effective, by its name in {@code policy explain}. */
  default Map<String, ?> describeGrant(G granted) {
    return Map.of();
  }

  /** Adds what is effective to a receipt; leaves out what was not granted. */
  default void summarize(G granted, ObjectNode receipt) {}

  /**
   * Opens it for a step, if it keeps something for the step's guests and needs no service for that.
   */
  default @Nullable Opener<G> opener() {
    return null;
  }

  /** Reads a capability's keys of the rules of one policy. */
  @FunctionalInterface
  interface RuleReader<P> {
    P read(ObjectReader rule);
  }
}
