package org.wasmbroker.session.shell;

/** A command line that cannot be read; the message says why, the advice what to write instead. */
public final class ShellSyntaxException extends Exception {
  private static final long serialVersionUID = 1;

  private final String advice;

  ShellSyntaxException(String message, String advice) {
    super(message, null, false, false);
    this.advice = advice;
  }

  public String advice() {
    return advice;
  }
}
