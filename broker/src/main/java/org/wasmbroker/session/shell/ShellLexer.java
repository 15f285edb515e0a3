package org.wasmbroker.session.shell;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.session.shell.ShellToken.Operator;
import org.wasmbroker.session.shell.ShellToken.Sign;
import org.wasmbroker.session.shell.ShellToken.Text;
import org.wasmbroker.session.shell.Word.Part;

/** Takes a command line apart into words and operators. */
final class ShellLexer {
  private static final String QUOTE_IT = "put it into single quotes if it is meant as it is";
  private static final String VARIABLE_STARTS = "{(?!#@*$-_";
  private static final int NO_STREAM = 0;

  private final String text;
  private final List<ShellToken> tokens = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final StringBuilder part = new StringBuilder();
  private boolean inWord;
  private int at;

  private ShellLexer(String text) {
    this.text = text;
  }

  static List<ShellToken> tokens(String text) throws ShellSyntaxException {
    return new ShellLexer(text).all();
  }

  private List<ShellToken> all() throws ShellSyntaxException {
    if (text.indexOf('\0') >= 0) {
      throw new ShellSyntaxException("there is a zero character", "leave it out");
    }
    while (at < text.length()) {
      char character = text.charAt(at);
      switch (character) {
        case ' ', '\t', '\r' -> {
          endWord();
          at++;
        }
        case '\n' -> sign(Operator.LINE_BREAK, 1);
        case '#' -> {
          if (inWord) {
            literal();
          } else {
            skipComment();
          }
        }
        case '\'' -> singleQuotes();
        case '"' -> doubleQuotes();
        case '\\' -> backslash();
        case '|' -> {
          refuse("|&", "2>&1 | does the same");
          sign(follows("||") ? Operator.OR : Operator.PIPE, follows("||") ? 2 : 1);
        }
        case '&' -> {
          refuse("&>", "write > file 2>&1");
          if (!follows("&&")) {
            throw new ShellSyntaxException(
                "commands in the background with & are not there",
                "send the request with \"async\": true");
          }
          sign(Operator.AND, 2);
        }
        case ';' -> {
          refuse(";;", QUOTE_IT);
          sign(Operator.SEMICOLON, 1);
        }
        case '<' -> input();
        case '>' -> output();
        case '(', ')' ->
            throw new ShellSyntaxException("groups with ( and ) are not there", QUOTE_IT);
        case '`' -> throw new ShellSyntaxException("substitution with ` is not there", QUOTE_IT);
        case '$' -> dollar(false);
        case '*', '?', '[' -> pattern(character);
        default -> literal();
      }
    }
    endWord();
    return tokens;
  }

  private boolean follows(String expected) {
    return text.startsWith(expected, at);
  }

  private void refuse(String sign, String advice) throws ShellSyntaxException {
    if (follows(sign)) {
      throw new ShellSyntaxException(sign + " is not there", advice);
    }
  }

  private void literal() {
    inWord = true;
    part.append(text.charAt(at++));
  }

  private void endPart(boolean isPattern) {
    if (!part.isEmpty()) {
      parts.add(new Part(part.toString(), isPattern));
      part.setLength(0);
    }
  }

  private void endWord() {
    if (inWord) {
      endPart(false);
      tokens.add(new Text(new Word(parts)));
      parts.clear();
      inWord = false;
    }
  }

  private void sign(Operator operator, int length) {
    endWord();
    tokens.add(new Sign(operator, NO_STREAM));
    at += length;
  }

  private void skipComment() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  private void singleQuotes() throws ShellSyntaxException {
    int end = text.indexOf('\'', at + 1);
    if (end < 0) {
      throw unclosed("'");
    }
    inWord = true;
    part.append(text, at + 1, end);
    at = end + 1;
  }

  private void doubleQuotes() throws ShellSyntaxException {
    inWord = true;
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      char character = text.charAt(at);
      if (character == '\\' && at + 1 < text.length()) {
        char escaped = text.charAt(at + 1);
        if ("\"\\$`".indexOf(escaped) < 0 && escaped != '\n') {
          part.append('\\');
        }
        if (escaped != '\n') {
          part.append(escaped);
        }
        at += 2;
      } else if (character == '$') {
        dollar(true);
      } else if (character == '`') {
        throw new ShellSyntaxException("substitution with ` is not there", QUOTE_IT);
      } else {
        part.append(character);
        at++;
      }
    }
    if (at == text.length()) {
      throw unclosed("\"");
    }
    at++;
  }

  private static ShellSyntaxException unclosed(String quote) {
    return new ShellSyntaxException("a %s is not closed".formatted(quote), "close it");
  }

  private void backslash() throws ShellSyntaxException {
    if (at + 1 == text.length()) {
      throw new ShellSyntaxException("the line ends with \\", "leave it out, or write \\\\");
    }
    char escaped = text.charAt(at + 1);
    if (escaped != '\n') { // which joins two lines
      inWord = true;
      part.append(escaped);
    }
    at += 2;
  }

  /** As it is, unless another shell would put something in its place. */
  private void dollar(boolean inQuotes) throws ShellSyntaxException {
    char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
    boolean substitutes =
        next < 128 && (Character.isLetterOrDigit(next) || VARIABLE_STARTS.indexOf(next) >= 0);
    if (substitutes || (!inQuotes && (next == '\'' || next == '"'))) {
      throw new ShellSyntaxException("variables and substitution with $ are not there", QUOTE_IT);
    }
    literal();
  }

  private void pattern(char character) {
    inWord = true;
    endPart(false);
    if (character == '[') {
      int end = setEnd();
      if (end < 0) {
        literal();
        return;
      }
      part.append(text, at, end + 1);
      at = end + 1;
    } else {
      part.append(character);
      at++;
    }
    endPart(true);
  }

  /** Where a set that begins here ends; -1 if none does, as in {@code [ -f}. */
  private int setEnd() {
    int from = at + 1;
    if (from < text.length() && (text.charAt(from) == '!' || text.charAt(from) == '^')) {
      from++;
    }
    for (int i = from; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character == ']' && i > from) {
        return i;
      }
      if (" \t\n'\"\\|&;<>()$`/".indexOf(character) >= 0) {
        return -1;
      }
    }
    return -1;
  }

  private void input() throws ShellSyntaxException {
    refuse("<<", "give the text as a file: write_file, then <");
    refuse("<(", "write to a file first");
    refuse("<>", QUOTE_IT);
    refuse("<&", QUOTE_IT);
    if (isStream("0")) {
      part.setLength(0);
      inWord = false;
    } else if (isNumber()) {
      throw otherStream();
    }
    sign(Operator.INPUT, 1);
  }

  private void output() throws ShellSyntaxException {
    refuse(">(", "write to a file first");
    refuse(">|", "write >");
    int stream = 1;
    if (isStream("1") || isStream("2")) {
      stream = part.charAt(0) - '0';
      part.setLength(0);
      inWord = false;
    } else if (isNumber()) {
      throw otherStream();
    }
    endWord();
    if (follows(">&")) {
      int other = 3 - stream;
      boolean ends = at + 3 >= text.length() || " \t\r\n;|&<>".indexOf(text.charAt(at + 3)) >= 0;
      if (!follows(">&" + other) || !ends) {
        throw new ShellSyntaxException(
            ">& goes from 2 to 1 or from 1 to 2 only", "write 2>&1, >&2, or > file 2>&1");
      }
      tokens.add(new Sign(Operator.DUPLICATE, stream));
      at += 3;
    } else if (follows(">>")) {
      tokens.add(new Sign(Operator.APPEND, stream));
      at += 2;
    } else {
      tokens.add(new Sign(Operator.OUTPUT, stream));
      at++;
    }
  }

  /** Whether the word so far is that number, unquoted and right before the sign. */
  private boolean isStream(String number) {
    return parts.isEmpty() && part.toString().equals(number) && text.startsWith(number, at - 1);
  }

  private boolean isNumber() {
    return parts.isEmpty()
        && !part.isEmpty()
        && part.chars().allMatch(Character::isDigit)
        && text.startsWith(part.toString(), at - part.length());
  }

  private static ShellSyntaxException otherStream() {
    return new ShellSyntaxException(
        "only 0, 1 and 2 can be redirected", "write <, >, >>, 2> or 2>&1");
  }
}
