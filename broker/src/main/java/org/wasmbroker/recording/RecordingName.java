package org.wasmbroker.recording;

import java.util.regex.Pattern;
import org.wasmbroker.step.Step;

/** The names of the files: handler, step and attempt. */
final class RecordingName {
  private static final Pattern SHAPE =
      Pattern.compile("[a-z0-9_-]{1,64}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]+\\.jsonl");

  private RecordingName() {}

  static String of(Step step) {
    return "%s-%s-%d.jsonl".formatted(step.handler().name(), step.id(), step.attempt().number());
  }

  static boolean isOne(String name) {
    return SHAPE.matcher(name).matches();
  }
}
