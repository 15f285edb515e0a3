package org.wasmbroker.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentCodingTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void deflateIsDecodedWithAndWithoutZlibWrapper(boolean bare) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(packed, new Deflater(9, bare))) {
      deflater.write("hello".repeat(100).getBytes(StandardCharsets.US_ASCII));
    }
    var coding = ContentCoding.of(" Deflate ").orElseThrow();

    try (var plain = coding.decode(new ByteArrayInputStream(packed.toByteArray()))) {
      assertThat(plain.readAllBytes())
          .asString(StandardCharsets.US_ASCII)
          .isEqualTo("hello".repeat(100));
    }
  }

  @Test
  void closingADecodedBodyDoesNotReadTheRestOfIt() throws IOException {
    var body = new ByteArrayInputStream(new byte[1000]);

    ContentCoding.IDENTITY.decode(body).close();
    ContentCoding.DEFLATE.decode(body).close();

    assertThat(body.available()).isGreaterThan(900);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "compress", "gzip, gzip", "gzip,br", "x"})
  void unknownCodingsAreNotDecoded(String header) {
    assertThat(ContentCoding.of(header)).isEmpty();
  }
}
