package org.wasmbroker.testing;

import java.util.Random;

/** Copies of a document with up to four bytes replaced at random, reproducibly. */
public final class DamagedText {
  private static final String SYNTAX = " \n:-[]{}\"'*&!|>%@,#?~0aA";

  private final Random random;
  private final byte[] valid;
  private int count;

  public DamagedText(long seed, byte[] valid) {
    this.random = new Random(seed);
    this.valid = valid.clone();
  }

  /** The next copy: its bytes are replaced by any bytes, or by characters of YAML's syntax. */
  public byte[] next() {
    var bytes = valid.clone();
    for (int i = 0; i <= count % 4; i++) {
      bytes[random.nextInt(bytes.length)] =
          (byte)
              (count % 2 == 0
                  ? random.nextInt(256)
                  : SYNTAX.charAt(random.nextInt(SYNTAX.length())));
    }
    count++;
    return bytes;
  }
}
