package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

final class GuestAbiDocumentTest {
  private static final Pattern FUNCTION =
      Pattern.compile("\\| `(\\w+)` \\| `(\\([^`]*) -> ([^`]*)` \\|.*");
  private static final Pattern CODE = Pattern.compile("\\| (-\\d+) \\| `(\\w+)` \\|.*");

  @Test
  void theDocumentListsEveryFunctionWithItsSignatureInOrder() throws IOException {
    assertThat(rows(FUNCTION))
        .containsExactlyElementsOf(
            Stream.of(
                    HostFunctionTable.ABI_MODULE,
                    HostFunctionTable.WASI_MODULE,
                    HostFunctionTable.ENV_MODULE)
                .flatMap(GuestAbiDocumentTest::of)
                .toList());
  }

  @Test
  void theDocumentSaysHowEachFunctionIsGrantedAndWhatItCountsAgainst() throws IOException {
    assertThat(Files.readAllLines(Path.of("../docs/guest-abi.md")))
        .containsSubsequence(
            Capabilities.STANDARD.all().stream().flatMap(GuestAbiDocumentTest::rows).toList());
  }

  private static Stream<String> rows(Capability<?, ?, ?> capability) {
    var granted = capability.isBasic() ? "by default" : "by " + capability.grantedBy();
    var limits =
        capability.limits().stream()
            .map(limit -> "`" + limit.text().replace('_', '-') + "`")
            .collect(Collectors.joining(", "));
    return capability.functions().stream()
        .map(
            function ->
                "| `%s` | `%s` | %s | %s | %s|"
                    .formatted(
                        function.name(),
                        function.signature(),
                        capability.name(),
                        granted,
                        limits.isEmpty() ? "" : limits + " "));
  }

  @Test
  void theDocumentListsEveryErrorCodeInOrder() throws IOException {
    assertThat(rows(CODE))
        .containsExactlyElementsOf(
            Arrays.stream(AbiError.values()).map(it -> it.code() + it.name()).toList());
  }

  @Test
  void theDocumentListsEveryFunctionThatCanBeCalledInPrepare() throws IOException {
    var text = Files.readString(Path.of("../docs/guest-abi.md"));
    int start = text.indexOf("Callable in `prepare`:");
    var listed =
        Pattern.compile("`(\\w+)`")
            .matcher(text.substring(start, text.indexOf("\n\n", start)))
            .results()
            .map(match -> match.group(1))
            .skip(1) // prepare itself
            .collect(Collectors.toSet());
    Pattern.compile("\\| `(\\w+)` \\|.*\\| not supported \\|")
        .matcher(text)
        .results()
        .forEach(match -> listed.add(match.group(1)));

    assertThat(listed)
        .isEqualTo(
            Capabilities.STANDARD.functions().all().stream()
                .filter(HostFunction::inPrepare)
                .map(HostFunction::name)
                .collect(Collectors.toSet()));
  }

  private static Stream<String> of(String module) {
    return Capabilities.STANDARD.functions().all().stream()
        .filter(it -> it.module().equals(module))
        .map(it -> it.name() + it.signature());
  }

  private static List<String> rows(Pattern row) throws IOException {
    return Files.readAllLines(Path.of("../docs/guest-abi.md")).stream()
        .map(row::matcher)
        .filter(matcher -> matcher.matches())
        .map(
            matcher ->
                matcher.groupCount() == 3
                    ? matcher.group(1) + matcher.group(2) + " -> " + matcher.group(3)
                    : matcher.group(1) + matcher.group(2))
        .toList();
  }
}
