package org.wasmbroker.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.StepRecorder.StepRecording;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.files.GivenDirectories;
import org.wasmbroker.files.StepFiles;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** The recording of one step while it runs. Used by the step's thread. */
final class StepTape implements StepRecording {
  private final Recorder recorder;
  private final Step step;
  private final Resolved handler;
  private final Tape tape;
  private final @Nullable StepSecrets secrets;
  private final Access access;

  StepTape(Recorder recorder, Step step, Resolved handler, Access given, int maxBytes) {
    this.recorder = recorder;
    this.step = step;
    this.handler = handler;
    this.tape = new Tape(maxBytes);
    this.secrets = given.find(StepSecrets.class);
    var issued = new ArrayList<Integer>();
    if (secrets != null) {
      secrets.listen(issued::add);
    }
    var taped = new ArrayList<GuestCapability>();
    given.capabilities().forEach(each -> taped.add(taped(each, tape, issued)));
    taped.add(tape);
    this.access = new Access(given.functions(), taped);
    var _ = tape.hasRoomFor(step.document().size());
  }

  private static GuestCapability taped(GuestCapability each, Tape tape, List<Integer> issued) {
    return switch (each) {
      case GuestHttp http -> new TapedHttp(http, tape, issued);
      case GuestCache cache -> new TapedCache(cache, tape);
      case StepFiles files -> taped(files, tape);
      case StepSecrets secrets -> new TapedSecrets(secrets, tape, issued);
      default -> each;
    };
  }

  /** What a guest does with files follows from what it was given. */
  private static GuestCapability taped(StepFiles files, Tape tape) {
    var given = GivenDirectories.of(files).write();
    tape.add(new TapeEntry.FilesGiven(given), given.size());
    return files;
  }

  Step step() {
    return step;
  }

  Resolved handler() {
    return handler;
  }

  Tape tape() {
    return tape;
  }

  @Nullable StepSecrets secrets() {
    return secrets;
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public StepRules rules(StepRules rules) {
    return new TapedRules(rules, tape);
  }

  @Override
  public Function<Step, GuestLog> logs(Function<Step, GuestLog> logs) {
    return current -> new TapedLog(logs.apply(current), tape);
  }

  @Override
  public Outcome end(Outcome outcome) {
    return recorder.end(this, outcome);
  }
}
