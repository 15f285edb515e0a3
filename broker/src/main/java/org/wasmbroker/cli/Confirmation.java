package org.wasmbroker.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Asks a person before something is done to many things at once. */
final class Confirmation {
  private static final Set<String> YES = Set.of("y", "yes");

  private final BufferedReader answers;
  private final PrintWriter questions;
  private final boolean terminal;

  /**
   * @param terminal whether a person sees the questions and can answer
   */
  Confirmation(BufferedReader answers, PrintWriter questions, boolean terminal) {
    this.answers = answers;
    this.questions = questions;
    this.terminal = terminal;
  }

  static Confirmation of(Console console) {
    return new Confirmation(
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
        console.err(),
        Console.isTerminal());
  }

  /**
   * Whether the person says yes.
   *
   * @param what would be done, such as {@code replay 12 dead letters}
   * @throws UsageException if there is nobody to ask
   */
  boolean confirms(String what) throws IOException {
    if (!terminal) {
      throw new UsageException(
          "this would %s; there is no terminal to ask on: add --yes to do it, or --dry-run to see more"
              .formatted(what));
    }
    questions.print("This will %s. Go on? [y/N] ".formatted(what));
    questions.flush();
    var answer = answers.readLine();
    return answer != null && YES.contains(answer.strip().toLowerCase(Locale.ROOT));
  }
}
