package org.wasmbroker.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class YamlEditTest {
  private static final String FILE =
      """
      # What runs where. 𝛼
      channels:
        blue: { transform: 1.2.0, validate: 1.0.0 }   # the old one

      handlers:
        # the important one
        transform:
          candidate: "1.3.0"   # on trial since Monday
          weight: 10%
          when: {namespace: [acme]}
        fan_out:
      # the end
      """;

  @Test
  void aValueIsReplacedAndTheRestStays() {
    assertThat(set(FILE, "25%", "handlers", "transform", "weight"))
        .isEqualTo(FILE.replace("10%", "25%"));
    assertThat(set(FILE, "1.4.0", "handlers", "transform", "candidate"))
        .isEqualTo(FILE.replace("\"1.3.0\"", "1.4.0"));
    assertThat(set(FILE, "1.2.1", "channels", "blue", "transform"))
        .isEqualTo(FILE.replace("1.2.0", "1.2.1"));
  }

  @Test
  void aMissingMemberIsAddedAtTheEndOfItsObject() {
    assertThat(set(FILE, "1.2.0", "handlers", "transform", "stable"))
        .isEqualTo(
            FILE.replace(
                "when: {namespace: [acme]}\n", "when: {namespace: [acme]}\n    stable: 1.2.0\n"));
    assertThat(set(FILE, "2.0.0", "channels", "blue", "fan_out"))
        .isEqualTo(FILE.replace("validate: 1.0.0 }", "validate: 1.0.0, fan_out: 2.0.0 }"));
    assertThat(set(FILE, "1.0.0", "handlers", "fan_out", "stable"))
        .isEqualTo(FILE.replace("  fan_out:\n", "  fan_out:\n    stable: 1.0.0\n"));
    assertThat(set(FILE, "blue", "default-channel"))
        .contains("  fan_out:\ndefault-channel: blue\n# the end\n");
  }

  @Test
  void missingObjectsAreAdded() {
    assertThat(set("", "1.0.0", "handlers", "h", "stable"))
        .isEqualTo("handlers:\n  h:\n    stable: 1.0.0\n");
    assertThat(set("# nothing", "1.0.0", "handlers", "h", "stable"))
        .isEqualTo("# nothing\nhandlers:\n  h:\n    stable: 1.0.0\n");
    assertThat(set("{}", "1.0.0", "handlers", "h", "stable"))
        .isEqualTo("{handlers: {h: {stable: 1.0.0}}}");
    assertThat(set("handlers:", "1.0.0", "handlers", "h", "stable"))
        .isEqualTo("handlers:\n  h:\n    stable: 1.0.0");
  }

  @Test
  void aMemberIsRemovedWithItsLines() {
    assertThat(remove(FILE, "handlers", "transform", "candidate"))
        .isEqualTo(FILE.replaceFirst(" *candidate.*\n", ""));
    assertThat(remove(FILE, "handlers", "transform"))
        .isEqualTo(FILE.replaceFirst("(?s)  transform:\n.*\\[acme\\]\\}\n", ""));
    assertThat(remove(FILE, "channels", "blue", "transform"))
        .isEqualTo(FILE.replace("transform: 1.2.0, ", ""));
    assertThat(remove(FILE, "channels", "blue", "validate"))
        .isEqualTo(FILE.replace(", validate: 1.0.0", ""));
    assertThat(remove(FILE, "channels", "green", "validate")).isEqualTo(FILE);
  }

  @Test
  void whatIsNoObjectHasNoMembers() {
    assertThatThrownBy(() -> set("handlers: [a]", "1.0.0", "handlers", "h", "stable"))
        .hasMessage("/handlers is no object");
  }

  private static String set(String text, String value, String... path) {
    var edit = YamlEdit.of(text);
    edit.set(List.of(path), value);
    return edit.text();
  }

  private static String remove(String text, String... path) {
    var edit = YamlEdit.of(text);
    edit.remove(List.of(path));
    return edit.text();
  }
}
