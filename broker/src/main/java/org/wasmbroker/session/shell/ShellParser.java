package org.wasmbroker.session.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.session.shell.CommandLine.Command;
import org.wasmbroker.session.shell.CommandLine.Item;
import org.wasmbroker.session.shell.CommandLine.Pipeline;
import org.wasmbroker.session.shell.CommandLine.Redirection;
import org.wasmbroker.session.shell.CommandLine.Variable;
import org.wasmbroker.session.shell.CommandLine.When;
import org.wasmbroker.session.shell.ShellToken.Operator;

/**
 * Reads command lines: words with quotes, pipes, redirections, {@code &&}, {@code ||} and {@code
 * ;}. What other shells have beyond that is refused, and never read as something else.
 *
 * <pre>
 * line     = pipeline { ( "&&" | "||" | ";" | line break ) pipeline } [ ";" ]
 * pipeline = [ "!" ] command { "|" command }
 * command  = { NAME=word } word { word | redirection }
 * </pre>
 */
public final class ShellParser {
  private static final int MAX_COMMANDS = 100;
  private static final Pattern VARIABLE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=");

  private final List<ShellToken> tokens;
  private int at;
  private int commands;

  private ShellParser(List<ShellToken> tokens) {
    this.tokens = tokens;
  }

  /**
   * Reads a command line.
   *
   * @throws ShellSyntaxException if it is none
   */
  public static CommandLine parse(String text) throws ShellSyntaxException {
    return new ShellParser(ShellLexer.tokens(text)).line();
  }

  private CommandLine line() throws ShellSyntaxException {
    var items = new ArrayList<Item>();
    var when = When.ALWAYS;
    skipEnds();
    while (at < tokens.size()) {
      items.add(new Item(when, pipeline()));
      when = next();
      if (when != When.ALWAYS && at == tokens.size()) {
        throw new ShellSyntaxException(
            "a command is missing at the end", "write a command after && and ||");
      }
    }
    if (items.isEmpty()) {
      throw new ShellSyntaxException("there is no command", "write a command, such as: ls /data");
    }
    return new CommandLine(items);
  }

  /** What is between two pipelines. */
  private When next() throws ShellSyntaxException {
    if (take(Operator.AND)) {
      skipLineBreaks();
      return When.AFTER_SUCCESS;
    }
    if (take(Operator.OR)) {
      skipLineBreaks();
      return When.AFTER_FAILURE;
    }
    if (at < tokens.size() && !take(Operator.SEMICOLON) && !take(Operator.LINE_BREAK)) {
      throw unexpected();
    }
    skipEnds();
    return When.ALWAYS;
  }

  private void skipEnds() {
    while (take(Operator.LINE_BREAK)) {
      // empty lines say nothing
    }
  }

  private void skipLineBreaks() {
    skipEnds();
  }

  private Pipeline pipeline() throws ShellSyntaxException {
    boolean negated = false;
    if (peek() instanceof ShellToken.Text text && text.word().text().equals("!")) {
      negated = true;
      at++;
    }
    var stages = new ArrayList<Command>();
    stages.add(command());
    while (take(Operator.PIPE)) {
      skipLineBreaks();
      stages.add(command());
    }
    return new Pipeline(negated, stages);
  }

  private Command command() throws ShellSyntaxException {
    if (++commands > MAX_COMMANDS) {
      throw new ShellSyntaxException(
          "the line has more than %d commands".formatted(MAX_COMMANDS), "send it in parts");
    }
    var variables = new ArrayList<Variable>();
    var words = new ArrayList<Word>();
    var redirections = new ArrayList<Redirection>();
    while (at < tokens.size()) {
      var token = tokens.get(at);
      if (token instanceof ShellToken.Text(var word)) {
        at++;
        var variable = words.isEmpty() ? variable(word) : null;
        if (variable != null) {
          variables.add(variable);
        } else {
          words.add(word);
        }
      } else {
        var redirection = redirection((ShellToken.Sign) token);
        if (redirection == null) {
          break;
        }
        redirections.add(redirection);
      }
    }
    if (words.isEmpty()) {
      throw variables.isEmpty()
          ? at < tokens.size()
              ? unexpected()
              : new ShellSyntaxException("a command is missing at the end", "write one after |")
          : new ShellSyntaxException(
              "a variable is set without a command",
              "variables hold for one command only, as in: LANG=C sort file");
    }
    return new Command(variables, words, redirections);
  }

  private static @Nullable Variable variable(Word word) {
    var first = word.parts().isEmpty() ? null : word.parts().getFirst();
    if (first == null || first.isPattern()) {
      return null;
    }
    var matcher = VARIABLE.matcher(first.text());
    if (!matcher.lookingAt()) {
      return null;
    }
    var value = new ArrayList<>(word.parts());
    value.set(0, new Word.Part(first.text().substring(matcher.end()), false));
    return new Variable(matcher.group(1), new Word(value));
  }

  /** Null if the sign begins none. */
  private @Nullable Redirection redirection(ShellToken.Sign sign) throws ShellSyntaxException {
    return switch (sign.operator()) {
      case INPUT -> new Redirection.Input(file());
      case OUTPUT -> new Redirection.Output(sign.stream(), file(), false);
      case APPEND -> new Redirection.Output(sign.stream(), file(), true);
      case DUPLICATE -> {
        at++;
        yield new Redirection.Duplicate(sign.stream(), 3 - sign.stream());
      }
      case PIPE, AND, OR, SEMICOLON, LINE_BREAK -> null;
    };
  }

  private Word file() throws ShellSyntaxException {
    at++;
    if (peek() instanceof ShellToken.Text(var word)) {
      at++;
      return word;
    }
    throw new ShellSyntaxException(
        "the name of a file is missing after < or >", "write it, as in: sort < in > out");
  }

  private @Nullable ShellToken peek() {
    return at < tokens.size() ? tokens.get(at) : null;
  }

  private boolean take(Operator operator) {
    boolean is = peek() instanceof ShellToken.Sign sign && sign.operator() == operator;
    at += is ? 1 : 0;
    return is;
  }

  private ShellSyntaxException unexpected() {
    return new ShellSyntaxException(
        "%s is where a command should be".formatted(tokens.get(at)),
        "write a command before and after |, &&, || and ;");
  }
}
