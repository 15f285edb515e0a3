// The guest of the conformance kit: does what config.do says (docs/conformance.md).

import { Failure, Json, JsonWriter, Level, Outcome, Request, Secret, Step, elapsed, errorName, log, now, remaining, serve } from "./wasm-broker";

const LEVELS: string[] = ["trace", "debug", "info", "warn", "error"];

function fail(config: Json): Outcome {
  const failure = new Failure(config.member("type").text, config.member("message").text, config.member("retryable").isTrue);
  failure.retryAfterMs = config.member("retry_after_ms").integer(0);
  return failure.outcome();
}

function retry(step: Step): Outcome {
  if (step.attempt < step.maxAttempts) return new Failure("again", "not yet", true).outcome();
  return Outcome.completed(new JsonWriter().beginObject().name("attempts").integer(step.attempt).endObject().toString());
}

/** Handles one item in each run. */
function checkpoint(step: Step): Outcome {
  const done = step.checkpoint.member("cursor").integer(0) + 1;
  const sum = step.checkpoint.member("accumulated_results").member("sum").integer(0) + done;
  const out = new JsonWriter().beginObject().name("sum").integer(sum);
  if (done < step.config.member("items").integer(1)) return Outcome.checkpoint(done.toString(), done, out.endObject().toString());
  return Outcome.completed(out.name("items").integer(done).name("resumed").bool(!step.checkpoint.isNull).endObject().toString());
}

function writeLog(config: Json, all: bool): Outcome {
  for (let level = 0; level < LEVELS.length; level++) {
    if (all || config.member("level").text == LEVELS[level]) {
      const fields = config.member("fields");
      log(<Level>level, config.member("message").text, fields.exists ? fields.toString() : "");
    }
  }
  return Outcome.completed("null");
}

function time(): Outcome {
  return Outcome.completed(new JsonWriter().beginObject().name("wall_ms").integer(now() / 1000000).name("elapsed_us")
    .integer(elapsed() / 1000).name("remaining_ms").integer(remaining() / 1000000).endObject().toString());
}

function request(config: Json): Outcome {
  const request = new Request(config.member("method").text, config.member("url").text);
  const headers = config.member("headers").entries();
  for (let i = 0; i < headers.length; i++) request.header(headers[i].name, headers[i].value.text);
  if (config.member("text").isText) request.text(config.member("text").text);
  const response = request.send();
  if (!response.arrived) return response.failure().outcome();
  const body = response.text();
  if (!response.complete) return response.failure().outcome();
  response.close();
  return Outcome.completed(new JsonWriter().beginObject().name("status").integer(response.status).name("body").text(body).endObject()
    .toString());
}

function secret(config: Json): Outcome {
  const secret = new Secret(config.member("name").text);
  if (!secret.exists) return new Failure(errorName(secret.code), "there is no secret").outcome();
  return Outcome.completed(new JsonWriter().beginObject().name("length").integer(secret.value.byteLength).endObject().toString());
}

function handle(step: Step): Outcome {
  const config = step.config, what = config.member("do").text;
  if (what == "echo") return Outcome.completed(step.context.exists ? step.context.toString() : "null");
  if (what == "fail") return fail(config);
  if (what == "retry") return retry(step);
  if (what == "checkpoint") return checkpoint(step);
  if (what == "crash") throw new Error("as config.do says");
  if (what == "spin") while (true) {}
  if (what == "allocate") while (true) new ArrayBuffer(1 << 20);
  if (what == "log" || what == "log_all") return writeLog(config, what == "log_all");
  if (what == "time") return time();
  if (what == "http") return request(config);
  if (what == "secret") return secret(config);
  return new Failure("invalid_config", "config.do is unknown").outcome();
}

export function run(): i32 { return serve(handle); }
