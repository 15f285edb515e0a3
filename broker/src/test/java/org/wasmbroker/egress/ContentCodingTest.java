package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.egress.ContentCoding.UnsupportedCodingException;

class ContentCodingTest {
  private static byte[] gzip(String plain) {
    var packed = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(packed)) {
      zip.write(plain.getBytes(StandardCharsets.UTF_8));
    } catch (IOException inMemory) {
      throw new IllegalStateException(inMemory);
    }
    return packed.toByteArray();
  }

  private static byte[] concatenated(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (var part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] repeated(byte[] part, int times) {
    var all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static String decoded(ContentCoding coding, byte[] body) throws IOException {
    return decoded(coding, new ByteArrayInputStream(body));
  }

  private static String decoded(ContentCoding coding, InputStream body) throws IOException {
    try (var plain = coding.decode(body)) {
      return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A body of which one byte arrives at a time. */
  private static InputStream dripping(byte[] body) {
    return new ByteArrayInputStream(body) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(length, 1));
      }

      @Override
      public synchronized int available() {
        return 0;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void deflateIsDecodedWithAndWithoutZlibWrapper(boolean bare) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(packed, new Deflater(9, bare))) {
      deflater.write("hello".repeat(100).getBytes(StandardCharsets.US_ASCII));
    }
    var coding = ContentCoding.of(" Deflate ");

    assertThat(decoded(coding, packed.toByteArray())).isEqualTo("hello".repeat(100));
    assertThat(decoded(coding, dripping(packed.toByteArray()))).isEqualTo("hello".repeat(100));
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyBodyIsEmptyInEveryCoding(ContentCoding coding) throws IOException {
    assertThat(decoded(coding, new byte[0])).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsReadBeforeTheFirstRead(ContentCoding coding) throws IOException {
    var body = new ByteArrayInputStream(new byte[1000]);

    coding.decode(body).close();

    assertThat(body.available()).isEqualTo(1000);
  }

  @Test
  void theMembersOfAGzipBodyAreConcatenated() throws IOException {
    var members = concatenated(gzip("one "), gzip(""), gzip("two "), gzip("three"));

    assertThat(decoded(ContentCoding.GZIP, members)).isEqualTo("one two three");
    assertThat(decoded(ContentCoding.GZIP, dripping(members))).isEqualTo("one two three");
  }

  @Test
  void whatFollowsTheLastMemberIsIgnored() throws IOException {
    assertThat(decoded(ContentCoding.GZIP, concatenated(gzip("one"), new byte[1000])))
        .isEqualTo("one");
  }

  @Test
  void anyNumberOfMembersIsDecodedWithoutRecursion() throws IOException {
    var members = repeated(gzip("x"), 100_000);

    assertThat(decoded(ContentCoding.GZIP, members)).isEqualTo("x".repeat(100_000));
  }

  @Test
  void tooManyEmptyMembersAreRefused() {
    var members = repeated(gzip(""), 100_000);

    assertThatExceptionOfType(ZipException.class)
        .isThrownBy(() -> decoded(ContentCoding.GZIP, members));
  }

  @Test
  void theOptionalFieldsOfAGzipHeaderAreSkipped() throws IOException {
    var packed = gzip("hello");
    var header = new byte[10];
    System.arraycopy(packed, 0, header, 0, 10);
    header[3] = 2 | 4 | 8 | 16;
    var texts = "name\0note\0".getBytes(StandardCharsets.US_ASCII);
    var fields = concatenated(new byte[] {3, 0, 1, 2, 3}, texts, new byte[2]);

    assertThat(
            decoded(
                ContentCoding.GZIP,
                concatenated(header, fields, Arrays.copyOfRange(packed, 10, packed.length))))
        .isEqualTo("hello");
  }

  @Test
  void aBodyThatEndsWithinItsCompressedDataIsCutOff() {
    var packed = concatenated(gzip("hello"), gzip("world"));
    for (int length = 1; length < packed.length; length++) {
      if (length != packed.length / 2) {
        var cut = Arrays.copyOf(packed, length);
        assertThatExceptionOfType(EOFException.class)
            .as("%d bytes", length)
            .isThrownBy(() -> decoded(ContentCoding.GZIP, cut));
      }
    }
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> decoded(ContentCoding.DEFLATE, new byte[] {0x78}));
  }

  @Test
  void aWrongChecksumOrLengthIsRefused() {
    for (int fromEnd = 1; fromEnd <= 8; fromEnd++) {
      var packed = gzip("hello");
      packed[packed.length - fromEnd] ^= 1;
      assertThatExceptionOfType(ZipException.class)
          .isThrownBy(() -> decoded(ContentCoding.GZIP, packed));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"68656c6c6f", "1f8b0900", "1f8b08ff", "1f8b0800000000000000ffff"})
  void whatIsNotGzipIsRefused(String hex) {
    assertThatExceptionOfType(ZipException.class)
        .isThrownBy(() -> decoded(ContentCoding.GZIP, HexFormat.of().parseHex(hex)));
  }

  @Test
  void aBodyThatNeedsADictionaryIsRefusedAndNotTakenForAnEmptyOne() throws IOException {
    var deflater = new Deflater();
    deflater.setDictionary("hello".getBytes(StandardCharsets.US_ASCII));
    var packed = new ByteArrayOutputStream();
    try (var zlib = new DeflaterOutputStream(packed, deflater)) {
      zlib.write("hello hello".getBytes(StandardCharsets.US_ASCII));
    }

    assertThatExceptionOfType(ZipException.class)
        .isThrownBy(() -> decoded(ContentCoding.DEFLATE, packed.toByteArray()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "compress", "gzip, gzip", "gzip,br", "x"})
  void anUnknownCodingIsRefusedAtTheFirstByte(String header) {
    var coding = ContentCoding.of(header);

    assertThat(coding).isEqualTo(ContentCoding.UNSUPPORTED);
    assertThatExceptionOfType(UnsupportedCodingException.class)
        .isThrownBy(() -> decoded(coding, new byte[1]));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "UNSUPPORTED")
  void aClosedBodyCanBeClosedAgain(ContentCoding coding) throws IOException {
    var plain = coding.decode(new ByteArrayInputStream(gzip("hello")));
    plain.close();
    plain.close();
  }
}
