package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallableParserTest {
  @ParameterizedTest
  @CsvSource({
    "transform, , , transform",
    "wasm:transform, , , transform",
    "wasm:transform@1.2, call, wasm, transform@1.2",
    "transform@1, call, , transform@1",
  })
  void aCallableNamesAHandlerOfThisWorker(
      String callable, @Nullable String method, @Nullable String resolver, String handler) {
    assertThat(CallableParser.parse(callable, method, resolver)).hasToString(handler);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Orders::Validate | | | the callable 'Orders::Validate' is not a handler of this worker",
        "wasm: | | | the callable 'wasm:' is not a handler of this worker",
        "wasm:transform@1.x | | | a handler's version is like 1, 1.2, 1.2.3 or ^1.2, a digest like"
            + " sha256:…, or a channel like stable, was '1.x'",
        "ruby:transform | | | the callable 'ruby:transform' is not a handler of this worker",
        "transform | validate | | the handler's method must be absent or 'call', was 'validate'",
        "transform | | explicit_mapping | the handler's resolver must be absent or 'wasm'",
      })
  void callablesOfOtherWorkersAreRejected(
      String callable, @Nullable String method, @Nullable String resolver, String message) {
    assertThatThrownBy(() -> CallableParser.parse(callable, method, resolver))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
