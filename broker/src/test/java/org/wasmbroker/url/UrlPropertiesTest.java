package org.wasmbroker.url;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The properties of the URL fuzz target, for a fixed set of generated inputs. */
class UrlPropertiesTest {
  private static final String[] SEEDS = {
    "https://user@example.com:8443/a/../b;c?d=e&f#g",
    "http://127.0.0.1\\@[::1]:80/%2e%2e/%2F",
    "HTTPS://bücher.example./é?ß",
    "http://xn--bcher-kva.example/",
    "http://[2001:db8::1%25eth0]/",
    "//0x7f.1/\t",
    "../x?y",
    "https://exаmple.com/１２７"
  };
  private static final String BASE = "https://base.example/a/b?c";
  private static final String PIECES = "/\\:@?#%[].-_;,&= \t\r\n\0xX01279aAzZé。１ß\u200d\u202e";

  private final UrlFuzz target = new UrlFuzz();

  @Test
  void everyAcceptedUrlHasOneFormThatOtherParsersAgreeOn() {
    var random = new Random(5);
    for (int i = 0; i < 5_000; i++) {
      var text = new StringBuilder(SEEDS[random.nextInt(SEEDS.length)]);
      for (int edits = random.nextInt(4); edits > 0; edits--) {
        edit(text, random);
      }
      target.accept((text + "\n" + text).getBytes(StandardCharsets.UTF_8));
      target.accept((BASE + "\n" + text).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void edit(StringBuilder text, Random random) {
    int at = random.nextInt(text.length() + 1);
    char piece = PIECES.charAt(random.nextInt(PIECES.length()));
    switch (random.nextInt(3)) {
      case 0 -> text.insert(at, piece);
      case 1 -> text.setCharAt(Math.min(at, text.length() - 1), piece);
      default -> text.deleteCharAt(Math.min(at, text.length() - 1));
    }
  }

  @Test
  void noAddressThatTheJdkKnowsAsSpecialIsPublic() {
    var random = new Random(7);
    var address = new byte[16];
    for (int i = 0; i < 20_000; i++) {
      random.nextBytes(address);
      if (i % 2 == 0) {
        Arrays.fill(address, 0, random.nextInt(17), (byte) (i % 4 == 0 ? 0 : 0xff));
      }
      target.accept(address);
    }
  }
}
