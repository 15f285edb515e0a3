package org.wasmbroker.recording;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.host.RunTape.Clock;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/** Something that passed between a step and its host, in the order in which it did. */
public sealed interface TapeEntry {
  /** Another run of the step began. */
  record RunStarted() implements TapeEntry {}

  record TimeRead(Clock clock, long nanos) implements TapeEntry {}

  record RandomBytes(Document bytes) implements TapeEntry {}

  /**
   * The directories that the step was given.
   *
   * @param given as {@link org.wasmbroker.files.GivenDirectories} writes them
   */
  record FilesGiven(Document given) implements TapeEntry {}

  /** An entry with a call of a capability that counts what is used. */
  sealed interface Counted extends TapeEntry {
    /** How much more was used by it, by the names of the receipt. */
    Map<String, Long> used();
  }

  /**
   * A secret was read.
   *
   * @param number of its value in the table of the recording
   */
  record SecretRead(String name, int number) implements TapeEntry {}

  record SecretRefused(String name, AbiError error) implements TapeEntry {}

  /** The body of the request that follows, which the guest wrote in pieces. */
  record RequestBody(Document bytes) implements TapeEntry {}

  /**
   * A request was sent, and has a response.
   *
   * @param request as the guest wrote it, with the names of secrets in place of values
   * @param secrets the numbers of the values that were filled in
   * @param response its number, from 1, in the whole step
   * @param repeatable whether the step may be repeated after it
   */
  record Sent(
      Document request,
      List<Integer> secrets,
      int response,
      Document head,
      boolean repeatable,
      Map<String, Long> used)
      implements Counted {
    public Sent {
      secrets = List.copyOf(secrets);
      used = Map.copyOf(used);
    }
  }

  /** A request got no response. */
  record Unanswered(
      Document request,
      List<Integer> secrets,
      AbiError error,
      Document document,
      boolean repeatable,
      Map<String, Long> used)
      implements Counted {
    public Unanswered {
      secrets = List.copyOf(secrets);
      used = Map.copyOf(used);
    }
  }

  /**
   * Bytes of a body were read.
   *
   * @param asked how many the guest had room for
   * @param bytes none at the end
   */
  record BodyRead(int response, int asked, Document bytes, Map<String, Long> used)
      implements Counted {
    public BodyRead {
      used = Map.copyOf(used);
    }
  }

  record BodyFailed(
      int response, int asked, AbiError error, Document document, Map<String, Long> used)
      implements Counted {
    public BodyFailed {
      used = Map.copyOf(used);
    }
  }

  /**
   * A value was looked for in the cache.
   *
   * @param value null if there was none
   */
  record CacheRead(Document key, @Nullable Document value, Map<String, Long> used)
      implements Counted {
    public CacheRead {
      used = Map.copyOf(used);
    }
  }

  /**
   * A value was put into the cache.
   *
   * @param ttlMillis as the guest asked
   * @param error why it was not kept; null if it was
   */
  record CacheWritten(
      Document key,
      Document value,
      long ttlMillis,
      @Nullable AbiError error,
      Map<String, Long> used)
      implements Counted {
    public CacheWritten {
      used = Map.copyOf(used);
    }
  }

  /** A value was deleted from the cache, if there was one. */
  record CacheDeleted(Document key, boolean existed, Map<String, Long> used) implements Counted {
    public CacheDeleted {
      used = Map.copyOf(used);
    }
  }

  /**
   * A checkpoint was saved.
   *
   * @param continued the step document of the next run
   */
  record CheckpointSaved(Checkpoint written, Document continued) implements TapeEntry {}

  /**
   * A checkpoint was not saved.
   *
   * @param reason why it failed; null if the protocol has no checkpoints
   */
  record CheckpointRefused(Checkpoint written, @Nullable String reason) implements TapeEntry {}

  /** The protocol refused the result. */
  record ResultRefused(Document result, StepError error) implements TapeEntry {}

  /**
   * A call of the host found that the time of the run was up.
   *
   * @param hostCall how many calls had been let in
   * @param entering whether the next one was not
   */
  record TimeUp(long hostCall, boolean entering, long allowedMillis, long usedMillis)
      implements TapeEntry {}

  /** What the guest logged, without values of secrets. */
  record Logged(GuestLog.Level level, String message, @Nullable String fields)
      implements TapeEntry {}
}
