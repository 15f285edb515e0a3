package org.wasmbroker.session.shell;

/** The smallest parts of a command line that mean something. */
sealed interface ShellToken {
  /** A word. */
  record Text(Word word) implements ShellToken {
    @Override
    public String toString() {
      return "'" + word + "'";
    }
  }

  /**
   * An operator.
   *
   * @param stream of a redirection, 1 or 2; 0 for what has none
   */
  record Sign(Operator operator, int stream) implements ShellToken {
    @Override
    public String toString() {
      return operator.written;
    }
  }

  /** All operators. */
  enum Operator {
    PIPE("|"),
    AND("&&"),
    OR("||"),
    SEMICOLON(";"),
    LINE_BREAK("the end of a line"),
    INPUT("<"),
    OUTPUT(">"),
    APPEND(">>"),
    DUPLICATE("2>&1");

    private final String written;

    Operator(String written) {
      this.written = written;
    }
  }
}
