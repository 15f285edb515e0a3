package org.wasmbroker.egress;

import java.nio.charset.StandardCharsets;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.StepId;

/**
 * The name of one request of a step, the same in every attempt: step, number of the call, and the
 * beginning of a digest of what is asked. A guest that asks the same in the same order sends the
 * same keys again. One that goes on from a checkpoint counts from the beginning; the digest keeps
 * its requests from taking the keys of others. Placeholders are digested, not what is filled into
 * them, so that a secret may change between attempts.
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
