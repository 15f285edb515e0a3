package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.step.Document;

final class CacheCapabilityTest {
  private final Map<Document, Document> entries = new HashMap<>();
  private final HostCallHarness guest =
      new HostCallHarness(
          new Access(Set.copyOf(Capabilities.STANDARD.functionNames()), List.of(new InMemory())));

  private final class InMemory implements GuestCache {
    @Override
    public @Nullable Document get(Document key) {
      return entries.get(key);
    }

    @Override
    public void put(Document key, Document value, long ttlMillis) throws CallRefusedException {
      if (ttlMillis == 13) {
        throw new CallRefusedException(AbiError.BUDGET, "refused");
      }
      entries.put(key, value);
    }

    @Override
    public boolean delete(Document key) {
      return entries.remove(key) != null;
    }
  }

  @Test
  void aValueIsPutFoundAndDeleted() throws GuestStoppedException {
    int key = guest.put(0, "key");
    int value = guest.put(100, "value");

    assertThat(guest.call("cache_get", 0, key, 200, 50)).isEqualTo(AbiError.NOT_FOUND.code());
    assertThat(guest.call("cache_put", 0, key, 100, value, 1000)).isZero();
    assertThat(guest.call("cache_get", 0, key, 200, 4)).isEqualTo(5);
    assertThat(guest.isZero(200, 250)).isTrue();
    assertThat(guest.call("cache_get", 0, key, 200, 5)).isEqualTo(5);
    assertThat(guest.text(200, 5)).isEqualTo("value");
    assertThat(guest.call("cache_delete", 0, key)).isEqualTo(1);
    assertThat(guest.call("cache_delete", 0, key)).isZero();
    assertThat(guest.call("cache_get", 0, key, 200, 50)).isEqualTo(AbiError.NOT_FOUND.code());
  }

  @Test
  void whatIsKeptIsACopy() throws GuestStoppedException {
    guest.put(0, "key");
    guest.put(100, "value");
    guest.call("cache_put", 0, 3, 100, 5, 1000);
    guest.put(0, "yek");
    guest.put(100, "other");

    assertThat(entries).containsExactly(Map.entry(Document.of("key"), Document.of("value")));
  }

  @Test
  void whyAValueIsNotKeptIsTheAnswer() throws GuestStoppedException {
    assertThat(guest.call("cache_put", 0, 3, 0, 0, 13)).isEqualTo(AbiError.BUDGET.code());
  }

  @ParameterizedTest
  @CsvSource({
    "cache_get, 0, 0, 0, 0, INVALID",
    "cache_get, 0, 513, 0, 0, TOO_LARGE",
    "cache_get, 65536, 1, 0, 0, FAULT",
    "cache_get, 0, -1, 0, 0, FAULT",
    "cache_get, 0, 1, -1, 1, FAULT",
    "cache_put, 0, 0, 0, 0, INVALID",
    "cache_put, 0, 513, 0, 0, TOO_LARGE",
    "cache_put, 0, 1, 65530, 7, FAULT",
    "cache_put, -1, 1, 0, 0, FAULT",
  })
  void invalidArgumentsReturnTheirErrorCode(
      String function, int key, int keyLength, int value, int length, AbiError expected)
      throws GuestStoppedException {
    assertThat(guest.call(function, key, keyLength, value, length, 1000))
        .isEqualTo(expected.code());
    assertThat(entries).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, INVALID", "-1, INVALID"})
  void aTimeToLiveIsAtLeastOneMillisecond(int ttl, AbiError expected) throws GuestStoppedException {
    assertThat(guest.call("cache_put", 0, 1, 0, 0, ttl)).isEqualTo(expected.code());
  }

  @Test
  void withoutAGrantNothingIsKeptAndNothingFound() throws GuestStoppedException {
    var basic =
        new HostCallHarness(
            new Access(Capabilities.STANDARD.basicFunctions(), List.of(new InMemory())));

    assertThat(basic.call("cache_put", 0, 1, 0, 0, 1)).isEqualTo(AbiError.DENIED.code());
    assertThat(basic.call("cache_get", 0, 1, 0, 0)).isEqualTo(AbiError.DENIED.code());
    assertThat(basic.call("cache_delete", 0, 1)).isEqualTo(AbiError.DENIED.code());
    assertThat(entries).isEmpty();
  }
}
