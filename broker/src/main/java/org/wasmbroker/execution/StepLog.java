package org.wasmbroker.execution;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Step;

/** Writes a guest's log lines to the logger {@code guest}, tagged with the step. */
record StepLog(Step step) implements GuestLog {
  private static final Logger log = LoggerFactory.getLogger("guest");

  @Override
  public void line(Level level, String message, @Nullable String fields) {
    var event =
        switch (level) {
          case TRACE -> log.atTrace();
          case DEBUG -> log.atDebug();
          case INFO -> log.atInfo();
          case WARN -> log.atWarn();
          case ERROR -> log.atError();
        };
    event = event.addKeyValue("step", step.id()).addKeyValue("handler", step.handler());
    var ids = step.ids();
    if (ids.task() != null) {
      event = event.addKeyValue("task", ids.task());
    }
    if (ids.correlation() != null) {
      event = event.addKeyValue("correlation", ids.correlation());
    }
    if (fields != null) {
      event = event.addKeyValue("fields", fields);
    }
    event.log("{}", message);
  }
}
