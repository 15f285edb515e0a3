package org.wasmbroker.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.rollout.Rollout;
import tools.jackson.databind.json.JsonMapper;

/** What a command prints that has changed a handler's versions. */
final class RolloutChange {
  private RolloutChange() {}

  static void print(Rollout changed, String handler, Path file, boolean json, Console console) {
    var now = RolloutFiles.handler(changed, handler);
    var candidate = now.candidate();
    if (json) {
      var value = new LinkedHashMap<String, @Nullable Object>();
      value.put("file", file.toString());
      value.put("handler", handler);
      value.put("stable", now.stable().toString());
      value.put("candidate", candidate == null ? null : candidate.version().toString());
      value.put(
          "weight_percent", candidate == null ? null : candidate.weight().hundredths() / 100.0);
      console.line(JsonMapper.shared().writeValueAsString(value));
    } else {
      console.line(
          "%s: %s stable %s%s"
              .formatted(
                  file,
                  handler,
                  now.stable(),
                  candidate == null
                      ? ""
                      : ", candidate %s for %s"
                          .formatted(candidate.version(), candidate.weight())));
    }
  }
}
