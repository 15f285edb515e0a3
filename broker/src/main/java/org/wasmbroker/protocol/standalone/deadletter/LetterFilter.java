package org.wasmbroker.protocol.standalone.deadletter;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant: those for which every condition holds. An empty set is no
 * condition.
 *
 * @param ids ids of letters in their queue
 * @param steps ids of steps
 * @param reasons such as {@code exhausted}
 * @param errorTypes types of the last error; a letter without one has its reason's name
 * @param handlers names that the messages have
 * @param versions versions that ran last
 * @param digests beginnings of the digests that ran last, such as {@code sha256:4f5a}
 * @param olderThan at least so old, or null
 * @param newerThan at most so old, or null
 * @param neverReplayed whether only those are meant whose message was not sent again before
 */
public record LetterFilter(
    Set<Long> ids,
    Set<UUID> steps,
    Set<String> reasons,
    Set<String> errorTypes,
    Set<String> handlers,
    Set<String> versions,
    Set<String> digests,
    @Nullable Duration olderThan,
    @Nullable Duration newerThan,
    boolean neverReplayed) {
  public static final LetterFilter ALL =
      new LetterFilter(
          Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), null, null, false);

  public LetterFilter {
    ids = Set.copyOf(ids);
    steps = Set.copyOf(steps);
    reasons = Set.copyOf(reasons);
    errorTypes = Set.copyOf(errorTypes);
    handlers = Set.copyOf(handlers);
    versions = Set.copyOf(versions);
    digests = Set.copyOf(digests);
  }

  /** Those with one of these ids. */
  public static LetterFilter ofIds(Set<Long> ids) {
    return new LetterFilter(
        ids, Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), null, null, false);
  }
}
