package org.wasmbroker.grant.trust;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The handlers that some patterns name.
 *
 * @param except those of them that are left out
 */
public record HandlerSet(List<HandlerPattern> patterns, List<HandlerPattern> except) {
  static final HandlerSet NONE = new HandlerSet(List.of(), List.of());
  static final HandlerSet ALL = new HandlerSet(List.of(HandlerPattern.ALL), List.of());

  public HandlerSet {
    patterns = List.copyOf(patterns);
    except = List.copyOf(except);
  }

  public boolean contains(String handler) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(handler))
        && except.stream().noneMatch(pattern -> pattern.matches(handler));
  }

  @Override
  public String toString() {
    return patterns.isEmpty()
        ? "none"
        : list(patterns) + (except.isEmpty() ? "" : " except " + list(except));
  }

  private static String list(List<HandlerPattern> patterns) {
    return patterns.stream().map(HandlerPattern::text).collect(Collectors.joining(", "));
  }
}
