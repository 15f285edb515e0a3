package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.sandbox.host.GuestStoppedException;

final class SecretsCapabilityTest {
  private final List<String> lookedUp = new ArrayList<>();
  private final HostCallHarness guest =
      new HostCallHarness(
          new Access(
              Set.copyOf(Capabilities.STANDARD.functionNames()),
              List.of((GuestSecrets) this::secret)));

  @Test
  void theLengthIsReturnedAndTheValueCopiedIfItFits() throws GuestStoppedException {
    int name = guest.put(0, "TOKEN");

    assertThat(guest.call("read_secret", 0, name, 100, 0)).isEqualTo(6);
    assertThat(guest.call("read_secret", 0, name, 100, 5)).isEqualTo(6);
    assertThat(guest.isZero(100, 200)).isTrue();
    assertThat(guest.call("read_secret", 0, name, 100, 6)).isEqualTo(6);
    assertThat(guest.text(100, 6)).isEqualTo("s3cret");
  }

  @Test
  void anUngrantedSecretIsDeniedAndAMissingOneIsNotFound() throws GuestStoppedException {
    assertThat(guest.call("read_secret", 0, guest.put(0, "OTHER"), 100, 50))
        .isEqualTo(AbiError.DENIED.code());
    assertThat(guest.call("read_secret", 0, guest.put(0, "GONE"), 100, 50))
        .isEqualTo(AbiError.NOT_FOUND.code());
    assertThat(guest.isZero(100, 200)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../TOKEN", "A B", "a\u0000b", "é", "a/b", "%41"})
  void anInvalidNameIsRejectedWithoutALookup(String name) throws GuestStoppedException {
    assertThat(guest.call("read_secret", 0, guest.put(0, name), 100, 50))
        .isEqualTo(AbiError.INVALID.code());
    assertThat(lookedUp).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, INVALID",
    "0, 254, 0, 0, INVALID",
    "65536, 1, 0, 0, FAULT",
    "0, 5, 65530, 7, FAULT",
    "0, 5, -1, 1, FAULT",
    "0, -1, 0, 0, FAULT",
  })
  void invalidArgumentsReturnTheirErrorCode(
      int name, int nameLength, int value, int capacity, AbiError expected)
      throws GuestStoppedException {
    assertThat(guest.call("read_secret", name, nameLength, value, capacity))
        .isEqualTo(expected.code());
    assertThat(lookedUp).isEmpty();
  }

  @Test
  void withoutAGrantForTheFunctionNothingIsLookedUp() throws GuestStoppedException {
    var basic =
        new HostCallHarness(
            new Access(
                Capabilities.STANDARD.basicFunctions(), List.of((GuestSecrets) this::secret)));

    assertThat(basic.call("read_secret", 0, basic.put(0, "TOKEN"), 100, 50))
        .isEqualTo(AbiError.DENIED.code());
    assertThat(lookedUp).isEmpty();
  }

  private byte[] secret(String name) throws CallRefusedException {
    lookedUp.add(name);
    return switch (name) {
      case "TOKEN" -> "s3cret".getBytes(StandardCharsets.UTF_8);
      case "GONE" -> throw new CallRefusedException(AbiError.NOT_FOUND, "refused");
      default -> throw new CallRefusedException(AbiError.DENIED, "refused");
    };
  }
}
