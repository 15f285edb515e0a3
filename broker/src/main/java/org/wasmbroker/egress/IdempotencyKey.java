package org.wasmbroker.egress;

import java.nio.charset.StandardCharsets;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.StepId;

/**
 * The idempotency key of one request of a step, the same in every attempt: step, number of the
 * call, and a prefix of a digest of the request. A guest that sends the same requests in the same
 * order sends the same keys again. A run that resumes from a checkpoint counts from the start; the
 * digest keeps its requests from reusing the keys of others. Placeholders are digested instead of
 * the secrets, so that a secret may change between attempts.
 */
final class IdempotencyKey {
  private static final int DIGEST_DIGITS = 16;

  private IdempotencyKey() {}

  static String of(StepId step, long number, Hop hop) {
    var body =
        switch (hop.body()) {
          case RequestBody.None _ -> "";
          case RequestBody.Text(var text) -> "text " + text;
          case RequestBody.Json(var json) -> "json " + json;
          case RequestBody.Bytes(var bytes) -> "bytes " + Digest.of(bytes.bytes()).hex();
        };
    var content = hop.method() + " " + hop.displayUrl() + "\n" + body;
    var digest =
        Digest.of(content.getBytes(StandardCharsets.UTF_8)).hex().substring(0, DIGEST_DIGITS);
    return step + "-" + number + "-" + digest;
  }
}
