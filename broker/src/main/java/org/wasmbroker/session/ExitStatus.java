package org.wasmbroker.session;

import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.StepError;

/** The exit codes of commands that did not end by themselves, as other shells have them. */
public final class ExitStatus {
  public static final int SUCCESS = 0;
  public static final int FAILURE = 1;

  /** A time limit ended it, as with the command timeout. */
  public static final int TIMED_OUT = 124;

  /** It is there and was not run. */
  public static final int NOT_RUN = 126;

  public static final int NOT_FOUND = 127;

  /** It trapped, as after an abort. */
  public static final int TRAPPED = 134;

  /** Another limit ended it, as after a kill. */
  public static final int KILLED = 137;

  private ExitStatus() {}

  /** Of a step that failed. */
  public static int of(StepError error) {
    return switch (error.type()) {
      case "limit_exceeded" ->
          error.context() instanceof ErrorContext.ExceededLimit exceeded
                  && exceeded.limit().equals(ErrorContext.ExceededLimit.TIME)
              ? TIMED_OUT
              : KILLED;
      case "trapped" -> TRAPPED;
      case "unknown_handler" -> NOT_FOUND;
      default -> NOT_RUN;
    };
  }

  /** Of a command that ended with a code, of which a process can hand on eight bits. */
  public static int of(long code) {
    return code == 0 ? SUCCESS : (code & 0xFF) == 0 ? FAILURE : (int) (code & 0xFF);
  }
}
