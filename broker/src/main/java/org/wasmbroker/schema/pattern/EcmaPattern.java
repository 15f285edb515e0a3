package org.wasmbroker.schema.pattern;

import java.util.function.IntConsumer;

/**
 * A regular expression of ECMA-262 with the flag {@code u}, as JSON Schema has them. Look-around is
 * served, back-references are not. The handlers of the catalog have a twin of this package, which
 * gives the same answers, and the same reasons why a pattern cannot be used. Immutable.
 */
public final class EcmaPattern {
  private final PatternProgram program;

  private EcmaPattern(PatternProgram program) {
    this.program = program;
  }

  /** Compiles a pattern. */
  public static EcmaPattern compile(String pattern) throws InvalidPatternException {
    return new EcmaPattern(PatternProgram.of(PatternParser.parse(pattern)));
  }

  /**
   * Whether some part of the text matches.
   *
   * @param work told how many steps were taken, after every character; an exception that it throws
   *     ends the match
   */
  public boolean matches(String text, IntConsumer work) {
    return program.matches(text, work);
  }
}
