package org.wasmbroker.replay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.recording.TapeEntry;

/**
 * The entries of a recording, handed out in order. A guest that does what it did asks for the next
 * entry each time; of one that does not, it is noted where it departs, and it gets the next entry
 * of the kind that it asks for. Used by the step's thread.
 */
final class Answers {
  private static final int MAX_DEPARTURES = 50;

  private final List<TapeEntry> entries;
  private final Map<String, Deque<Integer>> byKind = new HashMap<>();
  private final BitSet taken = new BitSet();
  private final List<String> departures = new ArrayList<>();
  private final boolean ranOutOfTime;
  private final Consumer<String> trace;
  private long unlisted;
  private int reported = -1;
  private boolean exhausted;
  private boolean loggedOtherwise;

  /**
   * @param ranOutOfTime whether the recorded step did, so that a guest that comes further is no
   *     news
   * @param trace gets a line for each entry that was handed out
   */
  Answers(List<TapeEntry> entries, boolean ranOutOfTime, Consumer<String> trace) {
    this.entries = entries;
    this.ranOutOfTime = ranOutOfTime;
    this.trace = trace;
    for (int i = 0; i < entries.size(); i++) {
      byKind.computeIfAbsent(kind(entries.get(i)), _ -> new ArrayDeque<>()).add(i);
    }
  }

  /** Entries of a kind answer the same question. */
  private static String kind(TapeEntry entry) {
    return switch (entry) {
      case TapeEntry.RunStarted _ -> "run";
      case TapeEntry.TimeRead read -> clock(read.clock());
      case TapeEntry.RandomBytes _ -> "random";
      case TapeEntry.SecretRead _, TapeEntry.SecretRefused _ -> "secret";
      case TapeEntry.RequestBody _ -> "request body";
      case TapeEntry.Sent _, TapeEntry.Unanswered _ -> "http";
      case TapeEntry.BodyRead read -> body(read.response());
      case TapeEntry.BodyFailed failed -> body(failed.response());
      case TapeEntry.CacheRead _, TapeEntry.CacheWritten _, TapeEntry.CacheDeleted _ -> "cache";
      case TapeEntry.FilesGiven _ -> ReplayFiles.KIND;
      case TapeEntry.CheckpointSaved _, TapeEntry.CheckpointRefused _ -> "checkpoint";
      case TapeEntry.ResultRefused _ -> "result";
      case TapeEntry.TimeUp _ -> "time up";
      case TapeEntry.Logged _ -> "log";
    };
  }

  static String clock(Enum<?> clock) {
    return "clock " + clock;
  }

  static String body(int response) {
    return "body " + response;
  }

  /** The next entry, whatever it is; null at the end. */
  @Nullable TapeEntry peek() {
    int next = taken.nextClearBit(0);
    return next < entries.size() ? entries.get(next) : null;
  }

  /**
   * Hands out the next entry of a kind.
   *
   * @param asked what the guest asked, for people
   * @param matches whether it is the answer to exactly that
   * @return null if there is none left
   */
  @Nullable TapeEntry take(String kind, String asked, Predicate<TapeEntry> matches) {
    int expected = taken.nextClearBit(0);
    var left = byKind.get(kind);
    var index = left == null ? null : left.poll();
    if (index == null) {
      boolean atEnd = expected == entries.size();
      exhausted |= atEnd;
      if (!atEnd || !ranOutOfTime) {
        depart(expected, asked);
      }
      return null;
    }
    var entry = entries.get(index);
    if (index != expected) {
      depart(expected, asked);
    } else if (!matches.test(entry)) {
      depart(index, asked);
    }
    taken.set(index);
    trace.accept("%d %s".formatted(index + 1, EntryText.of(entry)));
    return entry;
  }

  /** The guest logs a line, which is not an answer but part of what it does. */
  void log(TapeEntry.Logged line) {
    int before = departures.size();
    long more = unlisted;
    var _ = take("log", EntryText.of(line), line::equals);
    loggedOtherwise |= departures.size() > before || unlisted > more;
  }

  private void depart(int at, String asked) {
    if (at == reported) {
      return; // the same entry is still not asked for
    }
    reported = at;
    if (departures.size() == MAX_DEPARTURES) {
      unlisted++;
      return;
    }
    departures.add(
        at < entries.size()
            ? "call %d: recorded %s; the guest asked %s"
                .formatted(at + 1, EntryText.of(entries.get(at)), asked)
            : "after the last call of the recording: the guest asked " + asked);
  }

  /** Whether something was asked for after everything was handed out. */
  boolean isExhausted() {
    return exhausted;
  }

  /** Whether the guest logged other lines, or at other times. */
  boolean loggedOtherwise() {
    return loggedOtherwise;
  }

  /**
   * Notes what was not asked for; to be called at the end.
   *
   * @param whole whether the guest was given the time to ask for everything
   */
  void finish(boolean whole) {
    int next = taken.nextClearBit(0);
    if (whole && next < entries.size()) {
      loggedOtherwise |= !byKind.getOrDefault("log", new ArrayDeque<>()).isEmpty();
      if (next != reported) {
        departures.add(
            "call %d: recorded %s; the step ended before it"
                .formatted(next + 1, EntryText.of(entries.get(next))));
      }
    }
    if (unlisted > 0) {
      departures.add("and " + unlisted + " more");
    }
  }

  /** Where the guest did something else, a sentence each. */
  List<String> departures() {
    return List.copyOf(departures);
  }
}
