package org.wasmbroker.capability;

import java.util.List;
import org.wasmbroker.capability.BasicCapability.NoTerms;
import org.wasmbroker.document.ObjectReader;

/** A basic capability that is granted or not, and about which there is nothing else to say. */
public interface BasicCapability extends Capability<NoTerms, NoTerms, NoTerms> {
  /** Nothing to request or to grant but the capability itself. */
  enum NoTerms {
    NONE
  }

  @Override
  default boolean isBasic() {
    return true;
  }

  @Override
  default NoTerms readRequest(ObjectReader capabilities) {
    return NoTerms.NONE;
  }

  @Override
  default NoTerms defaultRequest() {
    return NoTerms.NONE;
  }

  @Override
  default RuleReader<NoTerms> readPolicy(ObjectReader root) {
    return _ -> NoTerms.NONE;
  }

  @Override
  default NoTerms merge(List<NoTerms> rules) {
    return NoTerms.NONE;
  }

  @Override
  default NoTerms intersect(NoTerms requested, NoTerms permitted) {
    return NoTerms.NONE;
  }
}
