package org.wasmbroker.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.wasmbroker.environment.ProcessText;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command prints for people: in colour if the output is a terminal and NO_COLOR is not set,
 * and with a progress bar that becomes plain lines where there is no terminal.
 */
public final class Console {
  private static final int BAR_WIDTH = 40;

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean colour;
  private final boolean terminal;
  private int lastTenth = -1;

  public static Console of(CommandSpec command) {
    var commandLine = command.commandLine();
    return new Console(
        commandLine.getOut(), commandLine.getErr(), isTerminal(), ProcessText.environment());
  }

  /** Whether standard output is a terminal and NO_COLOR is not set. */
  static boolean wantsColour() {
    return isTerminal() && ProcessText.environment().getOrDefault("NO_COLOR", "").isEmpty();
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null where there is no terminal
  static boolean isTerminal() {
    var terminal = System.console();
    return terminal != null && terminal.isTerminal();
  }

  Console(PrintWriter out, PrintWriter err, boolean terminal, Map<String, String> environment) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    var noColour = environment.getOrDefault("NO_COLOR", "");
    this.colour = terminal && noColour.isEmpty() && !"dumb".equals(environment.get("TERM"));
  }

  public void line(String text) {
    out.println(text);
    out.flush();
  }

  public void error(String text) {
    err.println(text);
    err.flush();
  }

  PrintWriter err() {
    return err;
  }

  /** Begins with an empty screen, if there is one. */
  void clear() {
    if (terminal) {
      out.print("\033[H\033[2J");
      out.flush();
    }
  }

  public String bold(String text) {
    return styled("1", text);
  }

  public String success(String text) {
    return styled("32", text);
  }

  public String failure(String text) {
    return styled("31", text);
  }

  public String dim(String text) {
    return styled("2", text);
  }

  /** Shows that {@code done} of {@code total} are done, on standard error. */
  public void progress(String what, long done, long total, String detail) {
    if (terminal) {
      int filled = (int) (total == 0 ? BAR_WIDTH : BAR_WIDTH * done / total);
      err.print(
          "\r\033[K%s [%s%s] %d/%d %s"
              .formatted(
                  what, "█".repeat(filled), "░".repeat(BAR_WIDTH - filled), done, total, detail));
    } else {
      int tenth = (int) (total == 0 ? 10 : 10 * done / total);
      if (tenth != lastTenth) {
        lastTenth = tenth;
        err.println("%s %d/%d %s".formatted(what, done, total, detail));
      }
    }
    err.flush();
  }

  /** Ends a progress bar. */
  public void progressDone() {
    lastTenth = -1;
    if (terminal) {
      err.print("\r\033[K");
      err.flush();
    }
  }

  private String styled(String code, String text) {
    return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
  }
}
