package org.wasmbroker.schema.pattern;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * A pattern as a program of few kinds of steps. Where a look-around holds is worked out for all
 * places of the text before the steps around it are run.
 */
final class PatternProgram {
  /** Repetitions with bounds are written out. */
  private static final int MAX_STEPS = 10_000;

  private static final int STEPS_PER_UNIT = 16;

  /** The look-arounds, each after those within it. */
  private final List<Steps> looks;

  private final Steps main;

  /** The pattern can match from the start of a text only. */
  private final boolean anchored;

  private PatternProgram(List<Steps> looks, Steps main) {
    this.looks = looks;
    this.main = main;
    this.anchored =
        main.steps.getFirst() instanceof Step.Assert(var kind)
            && kind == PatternNode.Assertion.Kind.START;
  }

  static PatternProgram of(PatternNode node) throws InvalidPatternException {
    var compiler = new Compiler();
    var main = compiler.steps(node, false);
    return new PatternProgram(List.copyOf(compiler.looks), main);
  }

  boolean matches(String text, IntConsumer work) {
    var holds = new ArrayList<BitSet>(looks.size());
    for (var look : looks) {
      var places = new BitSet(text.length() + 1);
      look.run(
          new Place(text, holds),
          false,
          work,
          at -> {
            places.set(at);
            return false;
          });
      holds.add(places);
    }
    return main.run(new Place(text, holds), anchored, work, at -> true);
  }

  /** A step; the next one follows unless it says otherwise. */
  private sealed interface Step {
    record One(CharacterSet set) implements Step {}

    /** Go on at two places. */
    record Split(int first, int second) implements Step {}

    record Jump(int to) implements Step {}

    record Assert(PatternNode.Assertion.Kind kind) implements Step {}

    /** Go on where a look-around holds, or where it does not. */
    record Look(int look, boolean negated) implements Step {}

    record Match() implements Step {}
  }

  private static final class Compiler {
    final List<Steps> looks = new ArrayList<>();
    private int room = MAX_STEPS;

    Steps steps(PatternNode node, boolean backward) throws InvalidPatternException {
      var steps = new ArrayList<Step>();
      compile(node, steps, backward);
      emit(steps, new Step.Match());
      return new Steps(List.copyOf(steps), backward);
    }

    private int emit(List<Step> to, Step step) throws InvalidPatternException {
      if (--room < 0) {
        throw new InvalidPatternException(
            "the pattern is too large, it takes more than " + MAX_STEPS + " steps", 0);
      }
      to.add(step);
      return to.size() - 1;
    }

    private void compile(PatternNode node, List<Step> to, boolean backward)
        throws InvalidPatternException {
      switch (node) {
        case PatternNode.One(var set) -> emit(to, new Step.One(set));
        case PatternNode.Assertion(var kind) -> emit(to, new Step.Assert(kind));
        case PatternNode.Look(boolean behind, boolean negated, var inner) -> {
          // Where something ahead begins is found on the way back from where it may end.
          looks.add(steps(inner, !behind));
          emit(to, new Step.Look(looks.size() - 1, negated));
        }
        case PatternNode.Sequence(var nodes) -> {
          for (var one : backward ? nodes.reversed() : nodes) {
            compile(one, to, backward);
          }
        }
        case PatternNode.Choice(var choices) -> choice(choices, to, backward);
        case PatternNode.Repeat(var inner, int min, int max) -> {
          for (int i = 0; i < min; i++) {
            int before = to.size();
            compile(inner, to, backward);
            if (to.size() == before) {
              return;
            }
          }
          if (max == PatternNode.Repeat.UNBOUNDED) {
            int split = emit(to, new Step.Jump(0));
            compile(inner, to, backward);
            emit(to, new Step.Jump(split));
            to.set(split, new Step.Split(split + 1, to.size()));
          } else {
            optional(inner, max - min, to, backward);
          }
        }
      }
    }

    private void choice(List<PatternNode> choices, List<Step> to, boolean backward)
        throws InvalidPatternException {
      var jumps = new ArrayList<Integer>();
      for (var choice : choices.subList(0, choices.size() - 1)) {
        int split = emit(to, new Step.Jump(0));
        compile(choice, to, backward);
        jumps.add(emit(to, new Step.Jump(0)));
        to.set(split, new Step.Split(split + 1, to.size()));
      }
      compile(choices.getLast(), to, backward);
      for (int jump : jumps) {
        to.set(jump, new Step.Jump(to.size()));
      }
    }

    private void optional(PatternNode inner, int times, List<Step> to, boolean backward)
        throws InvalidPatternException {
      var splits = new ArrayList<Integer>();
      for (int i = 0; i < times; i++) {
        splits.add(emit(to, new Step.Jump(0)));
        compile(inner, to, backward);
      }
      for (int split : splits) {
        to.set(split, new Step.Split(split + 1, to.size()));
      }
    }
  }

  /**
   * The steps of a pattern, or of a look-around in it.
   *
   * @param backward they go through the text from its end
   */
  private record Steps(List<Step> steps, boolean backward) {
    /**
     * Runs the steps from every place of a text, or from its start only. Tells each place where a
     * match ends, until {@code found} has enough; whether it had.
     */
    boolean run(Place place, boolean anchored, IntConsumer work, IntPredicate found) {
      work.accept(steps.size() / STEPS_PER_UNIT); // for the memory of the two below
      place.at = backward ? place.text.length() : 0;
      var now = new Threads(steps.size());
      var next = new Threads(steps.size());
      boolean first = true;
      while (true) {
        if (first || !anchored) {
          now.add(steps, 0, place);
        }
        first = false;
        work.accept(now.count + 1);
        if (now.matched && found.test(place.at)) {
          return true;
        }
        if (anchored && now.waiting == 0) {
          return false;
        }
        int c = backward ? place.before() : place.after();
        if (c < 0) {
          return false;
        }
        place.at += backward ? -Character.charCount(c) : Character.charCount(c);
        next.clear();
        for (int i = 0; i < now.waiting; i++) {
          int step = now.steps[i];
          if (steps.get(step) instanceof Step.One(var set)) {
            work.accept(set.cost(c));
            if (set.contains(c)) {
              next.add(steps, step + 1, place);
            }
          }
        }
        var done = now;
        now = next;
        next = done;
      }
    }
  }

  /** A place in a text, and which look-arounds hold where. */
  private static final class Place {
    private final String text;
    private final List<BitSet> holds;
    private int at;

    Place(String text, List<BitSet> holds) {
      this.text = text;
      this.holds = holds;
    }

    int before() {
      return at == 0 ? -1 : text.codePointBefore(at);
    }

    int after() {
      return at == text.length() ? -1 : text.codePointAt(at);
    }

    boolean satisfies(PatternNode.Assertion.Kind kind) {
      return switch (kind) {
        case START -> at == 0;
        case END -> at == text.length();
        case BOUNDARY -> isBoundary();
        case NO_BOUNDARY -> !isBoundary();
      };
    }

    private boolean isBoundary() {
      return CharacterSet.isWord(before()) != CharacterSet.isWord(after());
    }
  }

  /** Where a run is at one place of the text. */
  private static final class Threads {
    /** The steps that wait for a character: so many of the array. */
    private final int[] steps;

    private int waiting;
    private boolean matched;

    /** How many steps were met. */
    private int count;

    /** The round in which each step was met last. */
    private final int[] met;

    private int round = 1;
    private final int[] open;

    Threads(int size) {
      this.steps = new int[size];
      this.met = new int[size];
      // Each step that is met leaves two behind at most.
      this.open = new int[2 * size + 2];
    }

    void clear() {
      waiting = 0;
      matched = false;
      count = 0;
      round++;
    }

    /** Adds a step, and all that can be reached from it at this place. */
    void add(List<Step> program, int first, Place place) {
      int size = 0;
      open[size++] = first;
      while (size > 0) {
        int at = open[--size];
        if (met[at] == round) {
          continue;
        }
        met[at] = round;
        count++;
        switch (program.get(at)) {
          case Step.One(_) -> steps[waiting++] = at;
          case Step.Match() -> matched = true;
          case Step.Split(int one, int other) -> {
            open[size++] = other;
            open[size++] = one;
          }
          case Step.Jump(int to) -> open[size++] = to;
          case Step.Assert(var kind) -> {
            if (place.satisfies(kind)) {
              open[size++] = at + 1;
            }
          }
          case Step.Look(int look, boolean negated) -> {
            if (place.holds.get(look).get(place.at) != negated) {
              open[size++] = at + 1;
            }
          }
        }
      }
    }
  }
}
