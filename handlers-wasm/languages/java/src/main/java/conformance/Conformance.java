package conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import org.wasmbroker.sdk.Clocks;
import org.wasmbroker.sdk.Failure;
import org.wasmbroker.sdk.Json;
import org.wasmbroker.sdk.Log;
import org.wasmbroker.sdk.Outcome;
import org.wasmbroker.sdk.Request;
import org.wasmbroker.sdk.Secrets;
import org.wasmbroker.sdk.Step;
import org.wasmbroker.sdk.StepHandler;

/** The guest of the conformance kit: does what config.do says (docs/conformance.md). */
public final class Conformance {
  private Conformance() {}

  public static void main(String[] arguments) {
    StepHandler.serve(Conformance::handle);
  }

  static Outcome handle(Step step) {
    var config = step.config();
    switch (config.get("do").asText("")) {
      case "echo":
        return Outcome.completed(step.context());
      case "fail":
        throw failure(config);
      case "retry":
        return retry(step);
      case "checkpoint":
        return checkpoint(step, config.get("items").asLong());
      case "crash":
        throw new IllegalStateException("as config.do says");
      case "spin":
        return spin();
      case "allocate":
        return allocate();
      case "log":
      case "log_all":
        return log(config);
      case "time":
        return time();
      case "http":
        return request(config);
      case "secret":
        var length = Secrets.read(config.get("name").asText()).length;
        return Outcome.completed(Json.object().put("length", length).build());
      default:
        throw Failure.permanent("invalid_config", "config.do is unknown");
    }
  }

  private static Failure failure(Json config) {
    var type = config.get("type").asText();
    var message = config.get("message").asText();
    return config.get("retryable").asBoolean()
        ? Failure.retryable(type, message)
            .retryAfter(Duration.ofMillis(config.get("retry_after_ms").asLong(0)))
        : Failure.permanent(type, message);
  }

  private static Outcome retry(Step step) {
    if (step.attempt() < step.maxAttempts()) {
      throw Failure.retryable("again", "not yet");
    }
    return Outcome.completed(Json.object().put("attempts", step.attempt()).build());
  }

  /** Handles one item in each run. */
  private static Outcome checkpoint(Step step, long items) {
    var before = step.checkpoint();
    var done = 1 + before.map(progress -> progress.cursor().asLong()).orElse(0L);
    var sum =
        done + before.map(progress -> progress.accumulatedResults().get("sum").asLong()).orElse(0L);
    var result = Json.object().put("sum", sum);
    if (done < items) {
      return Outcome.checkpoint(Json.of(done), done, result.build());
    }
    return Outcome.completed(result.put("items", done).put("resumed", before.isPresent()).build());
  }

  private static Outcome spin() {
    while (true) {}
  }

  private static Outcome allocate() {
    var all = new ArrayList<byte[]>();
    while (true) {
      all.add(new byte[1 << 20]);
    }
  }

  private static Outcome log(Json config) {
    var message = config.get("message").asText();
    for (var level : Log.Level.values()) {
      if (config.get("level").isNull()) {
        Log.write(level, message);
      } else if (config.get("level").asText().equals(level.name().toLowerCase(Locale.ROOT))) {
        Log.write(level, message, config.get("fields"));
      }
    }
    return Outcome.completed(Json.NULL);
  }

  private static Outcome time() {
    return Outcome.completed(
        Json.object()
            .put("wall_ms", System.currentTimeMillis())
            .put("elapsed_us", Clocks.elapsed().toNanos() / 1000)
            .put("remaining_ms", Clocks.remaining().toMillis())
            .build());
  }

  private static Outcome request(Json config) {
    var request = Request.of(config.get("method").asText(), config.get("url").asText());
    if (!config.get("headers").isNull()) {
      config
          .get("headers")
          .members()
          .forEach((name, value) -> request.header(name, value.asText()));
    }
    if (!config.get("text").isNull()) {
      request.text(config.get("text").asText());
    }
    try (var response = request.send()) {
      return Outcome.completed(
          Json.object().put("status", response.status()).put("body", response.text()).build());
    }
  }
}
