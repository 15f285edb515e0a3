package org.wasmbroker.egress;

import java.util.Optional;
import org.wasmbroker.url.HttpTarget;

/** What the requests of one step may have to do with secrets. Used by the step's thread. */
public interface RequestSecrets {
  /** No secret is granted. */
  RequestSecrets NONE =
      new RequestSecrets() {
        @Override
        public String fill(String template, HttpTarget target) throws SecretRefusedException {
          throw new SecretRefusedException("no secret is granted to this handler", false);
        }

        @Override
        public Optional<String> leak(byte[] text) {
          return Optional.empty();
        }
      };

  /**
   * The text with the value of each {@code {{secret:NAME}}} in its place.
   *
   * @throws SecretRefusedException if one of them is not granted, not bound to the target, or has
   *     no value
   */
  String fill(String template, HttpTarget target) throws SecretRefusedException;

  /**
   * The name of a secret that the step has read and whose value stands in the text, which is UTF-8
   * or a body.
   */
  Optional<String> leak(byte[] text);
}
