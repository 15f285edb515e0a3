package org.wasmbroker.session.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.session.shell.CommandLine.Command;
import org.wasmbroker.session.shell.CommandLine.Item;
import org.wasmbroker.session.shell.CommandLine.Redirection;
import org.wasmbroker.session.shell.CommandLine.When;

class ShellParserTest {
  private static List<Item> items(String line) throws ShellSyntaxException {
    return ShellParser.parse(line).items();
  }

  private static Command only(String line) throws ShellSyntaxException {
    assertThat(items(line)).hasSize(1);
    var commands = items(line).getFirst().pipeline().commands();
    assertThat(commands).hasSize(1);
    return commands.getFirst();
  }

  private static List<String> words(String line) throws ShellSyntaxException {
    return only(line).words().stream().map(Word::text).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "echo a b ~ echo,a,b",
        "  echo \ta  ~ echo,a",
        "echo 'a b' ~ echo,a b",
        "echo 'a'\"b\"c ~ echo,abc",
        "echo '' ~ echo,",
        "echo \"a 'b' c\" ~ echo,a 'b' c",
        "echo a\\ b ~ echo,a b",
        "echo \"\\\"\\\\\\$\\n\" ~ echo,\"\\$\\n",
        "echo '$HOME' ~ echo,$HOME",
        "grep '^a$' f ~ grep,^a$,f",
        "grep \"^a$\" f ~ grep,^a$,f",
        "echo $ a$ ~ echo,$,a$",
        "echo a#b # comment ~ echo,a#b",
        "echo '|' '&&' ';' '>' ~ echo,|,&&,;,>",
        "[ -f a ] ~ [,-f,a,]",
        "echo ä ü😀 ~ echo,ä,ü😀",
      })
  void wordsAreWhatQuotesMakeOfThem(String line, String words) throws ShellSyntaxException {
    assertThat(words(line)).containsExactly(words.split(",", -1));
  }

  @Test
  void commandsAreJoinedByPipesAndConditions() throws ShellSyntaxException {
    var items = items("a | b |\n c && d || e; ! f\ng ;");

    assertThat(items.stream().map(Item::when))
        .containsExactly(
            When.ALWAYS, When.AFTER_SUCCESS, When.AFTER_FAILURE, When.ALWAYS, When.ALWAYS);
    assertThat(items.getFirst().pipeline().commands()).hasSize(3);
    assertThat(items.stream().map(item -> item.pipeline().negated()))
        .containsExactly(false, false, false, true, false);
  }

  @Test
  void redirectionsKeepTheirOrder() throws ShellSyntaxException {
    var redirections = only("cmd <in >out 2>>err 2>&1 1>'o 2' >&2").redirections();

    assertThat(redirections)
        .satisfiesExactly(
            each ->
                assertThat(each)
                    .isInstanceOfSatisfying(
                        Redirection.Input.class, in -> assertThat(in.file()).hasToString("in")),
            each -> assertOutput(each, 1, "out", false),
            each -> assertOutput(each, 2, "err", true),
            each -> assertThat(each).isEqualTo(new Redirection.Duplicate(2, 1)),
            each -> assertOutput(each, 1, "o 2", false),
            each -> assertThat(each).isEqualTo(new Redirection.Duplicate(1, 2)));
    assertThat(words("echo a 2>f b")).containsExactly("echo", "a", "b");
    assertThat(words("echo a2>f")).containsExactly("echo", "a2");
    assertThat(words("echo '2'>f")).containsExactly("echo", "2");
  }

  private static void assertOutput(Redirection is, int stream, String file, boolean appends) {
    assertThat(is)
        .isInstanceOfSatisfying(
            Redirection.Output.class,
            out -> {
              assertThat(out.stream()).isEqualTo(stream);
              assertThat(out.file()).hasToString(file);
              assertThat(out.appends()).isEqualTo(appends);
            });
  }

  @Test
  void variablesBeforeACommandAreItsOwn() throws ShellSyntaxException {
    var command = only("LANG=C EMPTY= sort a=b");

    assertThat(command.variables())
        .extracting(variable -> variable.name() + "=" + variable.value())
        .containsExactly("LANG=C", "EMPTY=");
    assertThat(command.words()).extracting(Word::text).containsExactly("sort", "a=b");
  }

  @Test
  void onlyUnquotedPatternsAreOnes() throws ShellSyntaxException {
    var words = only("ls *.txt '*.txt' a\\*b \"?\" [ab]c").words();

    assertThat(words.stream().map(Word::isPattern))
        .containsExactly(false, true, false, false, false, true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "echo $HOME ~ variables",
        "echo \"${a}\" ~ variables",
        "echo $(ls) ~ variables",
        "echo $1 ~ variables",
        "sleep 1 & ~ background",
        "(ls) ~ groups",
        "cat <<EOF ~ <<",
        "diff <(a) <(b) ~ <(",
        "a |& b ~ |&",
        "a &> b ~ &>",
        "a >| b ~ >|",
        "a 3> b ~ 0, 1 and 2",
        "a 2>&3 ~ 2 to 1",
        "echo 'a ~ not closed",
        "echo \"a ~ not closed",
        "echo a\\ ~ ends with",
        "a | ~ at the end",
        "a && ~ at the end",
        "| a ~ where a command should be",
        "a ;; b ~ ;;",
        "a || || b ~ where a command should be",
        "a > ~ name of a file",
        "A=b ~ variable",
      })
  void whatOtherShellsHaveIsRefusedWithAdvice(String line, String reason) {
    assertThatThrownBy(() -> ShellParser.parse(line))
        .isInstanceOfSatisfying(
            ShellSyntaxException.class, refused -> assertThat(refused.advice()).isNotBlank())
        .hasMessageContaining(reason);
  }

  @Test
  void substitutionWithBackticksIsRefused() {
    for (var line : List.of("echo `ls`", "echo \"`ls`\"")) {
      assertThatThrownBy(() -> ShellParser.parse(line))
          .isInstanceOf(ShellSyntaxException.class)
          .hasMessageContaining("substitution");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "\n\n", "# only a comment", "a\0b"})
  void whatIsNoCommandIsRefused(String line) {
    assertThatThrownBy(() -> ShellParser.parse(line)).isInstanceOf(ShellSyntaxException.class);
  }

  @Test
  void moreCommandsThanALineMayHaveAreRefused() {
    assertThatThrownBy(() -> ShellParser.parse("a;".repeat(101)))
        .isInstanceOf(ShellSyntaxException.class)
        .hasMessageContaining("100 commands");
  }

  @Test
  void whateverTheTextIsItIsReadOrRefused() {
    var random = new Random(17);
    var pieces = "a b ' \" \\ | & ; < > 2>&1 >> $ ` ( ) * ? [ ] # ! = \n é 1 2 ~".split(" ", -1);
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(12); n >= 0; n--) {
        text.append(pieces[random.nextInt(pieces.length)])
            .append(random.nextInt(3) == 0 ? " " : "");
      }
      try {
        assertThat(ShellParser.parse(text.toString()).items()).isNotEmpty();
      } catch (ShellSyntaxException refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
  }
}
