package org.wasmbroker.access;

import java.util.Optional;
import org.wasmbroker.egress.RequestSecrets;
import org.wasmbroker.egress.SecretRefusedException;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.secret.FillRefusedException;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.url.HttpTarget;

/** The secrets of one step, as far as they are bound to where a request goes. */
record BoundSecrets(StepSecrets secrets) implements RequestSecrets {
  @Override
  public String fill(String template, HttpTarget target) throws SecretRefusedException {
    try {
      return secrets.fill(
          template,
          target.scheme() + "://" + target.host() + ":" + target.port(),
          grant ->
              grant.isBoundTo(
                  target.scheme(), target.host(), target.port(), target.path(), target.method()));
    } catch (FillRefusedException refused) {
      throw new SecretRefusedException(
          String.valueOf(refused.getMessage()), refused.error() == AbiError.IO);
    }
  }

  @Override
  public Optional<String> leak(byte[] text) {
    return secrets.findLeak(text, "a request").map(leak -> leak.name().text());
  }
}
