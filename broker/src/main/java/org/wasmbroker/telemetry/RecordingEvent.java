package org.wasmbroker.telemetry;

/** Something that happened to the recordings of steps. */
public sealed interface RecordingEvent extends BrokerEvent {
  /** A recording is in its file. */
  record Written(long bytes) implements RecordingEvent {}

  /** A step was to be recorded and is not. */
  record Dropped(Reason reason) implements RecordingEvent {}

  /** How many recordings there are now, of this broker and of others in the same directory. */
  record Kept(int files, long bytes) implements RecordingEvent {}

  /** Why a step is not recorded. */
  enum Reason {
    /** There were too many in too little time. */
    RATE,
    /** They are written more slowly than they come. */
    BACKLOG,
    /** It could not be written. */
    DISK,
    /** The value of a secret was still found in it. */
    SECRET,
    /** It could not be made; the log says why. */
    FAULT
  }
}
