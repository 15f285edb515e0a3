package org.wasmbroker.session;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Outcome;

/** The commands that a session may run. Thread-safe. */
public interface Commands {
  /** Their names, sorted. */
  List<String> names();

  /** Whether there is one of that name that may be run. */
  boolean has(String name);

  /**
   * The variables that a command may be given besides the working directory.
   *
   * @param name of one that there is
   */
  boolean allows(String name, String variable);

  /**
   * Makes one ready to be run, which may take as long as a compilation.
   *
   * @param name of one that there is
   */
  void load(String name);

  /**
   * Runs one as a step, and waits for its end.
   *
   * @return its outcome; null if it was cancelled
   */
  @Nullable Outcome run(Call call);

  /**
   * What is run.
   *
   * @param files the session's files for one run, in a mode that the command's manifest requests
   * @param timeout for the whole run
   * @param onThisThread whether the calling thread has the stack of a guest's thread
   */
  record Call(
      String name,
      GuestCommand command,
      Function<DirectoryMode, GuestFiles> files,
      Duration timeout,
      Cancellation cancellation,
      boolean onThisThread) {}
}
