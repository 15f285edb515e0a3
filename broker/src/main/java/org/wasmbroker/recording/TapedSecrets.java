package org.wasmbroker.recording;

import java.util.List;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestSecrets;

/** Keeps which secrets a guest reads, and never what they are. */
final class TapedSecrets implements GuestSecrets {
  private final GuestSecrets secrets;
  private final Tape tape;
  private final List<Integer> issued;

  /**
   * @param issued the numbers of the values that were issued since it was cleared
   */
  TapedSecrets(GuestSecrets secrets, Tape tape, List<Integer> issued) {
    this.secrets = secrets;
    this.tape = tape;
    this.issued = issued;
  }

  @Override
  public byte[] read(String name) throws CallRefusedException {
    issued.clear();
    try {
      var value = secrets.read(name);
      tape.add(new TapeEntry.SecretRead(name, issued.getLast()), name.length());
      return value;
    } catch (CallRefusedException refused) {
      tape.add(new TapeEntry.SecretRefused(name, refused.error()), name.length());
      throw refused;
    }
  }

  @Override
  public String redact(String text, boolean truncated) {
    return secrets.redact(text, truncated);
  }
}
