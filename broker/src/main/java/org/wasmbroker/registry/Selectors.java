package org.wasmbroker.registry;

import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;
import org.wasmbroker.step.Version;

/** Which versions a reference may get. */
final class Selectors {
  private Selectors() {}

  static boolean includes(HandlerRef ref, Version version) {
    return switch (Selector.of(ref.selector())) {
      case Selector.Newest _ -> !version.isPreRelease();
      case Selector.Range(var versions) -> versions.selects(version);
      case Selector.Exact _, Selector.Channel _ -> false;
    };
  }
}
