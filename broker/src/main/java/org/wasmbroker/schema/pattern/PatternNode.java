package org.wasmbroker.schema.pattern;

import java.util.List;

/** A part of a pattern. */
sealed interface PatternNode {
  /** One character out of a set. */
  record One(CharacterSet set) implements PatternNode {}

  record Assertion(Kind kind) implements PatternNode {
    enum Kind {
      START,
      END,
      BOUNDARY,
      NO_BOUNDARY
    }
  }

  record Look(boolean behind, boolean negated, PatternNode inner) implements PatternNode {}

  record Sequence(List<PatternNode> nodes) implements PatternNode {}

  record Choice(List<PatternNode> choices) implements PatternNode {}

  /**
   * @param max {@link #UNBOUNDED} if there is no bound
   */
  record Repeat(PatternNode inner, int min, int max) implements PatternNode {
    static final int UNBOUNDED = -1;
  }
}
