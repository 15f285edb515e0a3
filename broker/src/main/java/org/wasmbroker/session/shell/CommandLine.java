package org.wasmbroker.session.shell;

import java.util.List;

/**
 * What a command line says: pipelines, each run or not by how the one before it ended.
 *
 * @param items in their order
 */
public record CommandLine(List<Item> items) {
  public CommandLine {
    items = List.copyOf(items);
  }

  /** When a pipeline is run. */
  public enum When {
    /** The first one, and after {@code ;}. */
    ALWAYS,
    /** After {@code &&}. */
    AFTER_SUCCESS,
    /** After {@code ||}. */
    AFTER_FAILURE
  }

  /** A pipeline, and when it is run. */
  public record Item(When when, Pipeline pipeline) {}

  /**
   * Commands of which each reads what the one before it wrote.
   *
   * @param negated whether 0 and other exit codes mean the opposite
   */
  public record Pipeline(boolean negated, List<Command> commands) {
    public Pipeline {
      commands = List.copyOf(commands);
    }
  }

  /**
   * One command.
   *
   * @param variables that it is given
   * @param words its name and its arguments; there is at least one
   * @param redirections in their order
   */
  public record Command(
      List<Variable> variables, List<Word> words, List<Redirection> redirections) {
    public Command {
      variables = List.copyOf(variables);
      words = List.copyOf(words);
      redirections = List.copyOf(redirections);
    }
  }

  /** A variable of one command, as in {@code LANG=C sort}. */
  public record Variable(String name, Word value) {}

  /** Where a stream of a command goes, or comes from. */
  public sealed interface Redirection {
    /** {@code < file}. */
    record Input(Word file) implements Redirection {}

    /**
     * {@code > file}, {@code 2> file}, {@code >> file}, {@code 2>> file}.
     *
     * @param stream 1 for standard output, 2 for standard error
     * @param appends whether what the file has is kept
     */
    record Output(int stream, Word file, boolean appends) implements Redirection {}

    /** {@code 2>&1} and {@code >&2}: the stream goes where the other one goes now. */
    record Duplicate(int stream, int other) implements Redirection {}
  }
}
