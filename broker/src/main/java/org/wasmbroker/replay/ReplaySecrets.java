package org.wasmbroker.replay;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.secret.StandInSecrets;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/** What stands in for the recorded step's secrets, and leaves the step as little as they do. */
final class ReplaySecrets implements GuestSecrets {
  private final Answers answers;
  private final StandInSecrets values;

  ReplaySecrets(Answers answers, StandInSecrets values) {
    this.answers = answers;
    this.values = values;
  }

  @Override
  public byte[] read(String name) throws CallRefusedException {
    var masked = masked(name.getBytes(StandardCharsets.UTF_8)).text();
    var entry =
        answers.take(
            "secret",
            "for the secret " + EntryText.text(masked),
            one ->
                (one instanceof TapeEntry.SecretRead(var known, var _) && known.equals(masked))
                    || (one instanceof TapeEntry.SecretRefused(var other, var _)
                        && other.equals(masked)));
    return switch (entry) {
      case TapeEntry.SecretRead(var _, var number) -> values.issue(number);
      case TapeEntry.SecretRefused(var _, var error) -> throw new CallRefusedException(error, "");
      case null, default ->
          throw new CallRefusedException(AbiError.NOT_FOUND, "the recording has no such secret");
    };
  }

  /** The values were filled into a request, and may come back. */
  void filled(List<Integer> numbers) {
    numbers.forEach(values::issue);
  }

  /** As a recording has it. */
  Document masked(byte[] text) {
    return Document.of(values.masked(text));
  }

  @Override
  public @Nullable StepError checkOutput(Document output) {
    return values.checkOutput(output);
  }

  @Override
  public StepError redact(StepError error) {
    return values.redact(error);
  }

  @Override
  public String redact(String text, boolean truncated) {
    return values.redact(text, truncated);
  }
}
