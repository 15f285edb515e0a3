package org.wasmbroker.registry.release;

import java.util.List;
import java.util.Optional;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.step.SafeText;

/**
 * What a manifest tells those who plan workflows, each a list of sentences that may be empty.
 *
 * @param useWhen what the handler is for
 * @param avoidWhen what it is not for, and what to use instead
 * @param composition how it works together with other handlers
 */
public record Guidance(List<String> useWhen, List<String> avoidWhen, List<String> composition) {
  public static final Guidance NONE = new Guidance(List.of(), List.of(), List.of());

  private static final int MAX_SENTENCES = 20;
  private static final int MAX_LENGTH = 500;

  public Guidance {
    useWhen = List.copyOf(useWhen);
    avoidWhen = List.copyOf(avoidWhen);
    composition = List.copyOf(composition);
  }

  static Guidance read(ObjectReader manifest) {
    return new Guidance(
        sentences(manifest, "use_when"),
        sentences(manifest, "avoid_when"),
        sentences(manifest, "composition"));
  }

  private static List<String> sentences(ObjectReader manifest, String name) {
    return manifest.array(
        name, MAX_SENTENCES, value -> Optional.ofNullable(value.parse(Guidance::sentence)));
  }

  private static String sentence(String text) {
    if (text.isBlank() || !text.equals(SafeText.sanitize(text, MAX_LENGTH))) {
      throw new IllegalArgumentException(
          "must have 1 to %d printable characters".formatted(MAX_LENGTH));
    }
    return text;
  }
}
