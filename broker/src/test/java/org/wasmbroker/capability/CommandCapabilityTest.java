package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.Grants;

class CommandCapabilityTest {
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 1 << 20, 20);

  private static ParsedDocument parsed(String json) {
    return JSON.read("", json.getBytes(StandardCharsets.UTF_8));
  }

  private static CommandGrant request(String json) {
    var document = parsed(json);
    var request = Capabilities.COMMAND.readRequest(document.object());
    assertThat(document.problems()).isEmpty();
    return request;
  }

  @Test
  void aManifestSaysThatAHandlerIsACommandAndThePolicyGrantsItsVariables() {
    var requested = request("{\"command\":{\"environment\":[\"TZ\",\"LANG\"]}}");

    var granted = Capabilities.COMMAND.intersect(requested, Set.of("LANG", "PATH"));

    assertThat(granted.isCommand()).isTrue();
    assertThat(granted.allows("LANG")).isTrue();
    assertThat(granted.allows("PWD")).isTrue();
    assertThat(granted.allows("TZ")).isFalse();
    assertThat(granted.allows("PATH")).isFalse();
    assertThat(request("{}")).isEqualTo(CommandGrant.NONE);
    assertThat(Capabilities.COMMAND.intersect(CommandGrant.NONE, Set.of()).isCommand()).isFalse();
  }

  @Test
  void whatIsRequestedOrGrantedOnlyIsExplained() {
    var differences = new ArrayList<String>();

    Capabilities.COMMAND.explain(
        request("{\"command\":{\"environment\":[\"TZ\"]}}"), Set.of("PATH"), differences::add);

    assertThat(differences)
        .containsExactly(
            "the variable TZ is requested, but no applicable rule has it in environment",
            "the variable PATH is granted but not requested by the manifest");
  }

  @Test
  void theVariablesOfAllRulesAddUp() {
    assertThat(Capabilities.COMMAND.merge(List.of(Set.of("A"), Set.of("B", "A"))))
        .containsExactlyInAnyOrder("A", "B");
  }

  @Test
  void aNewerManifestThatAsksForMoreIsTold() {
    var added = new ArrayList<String>();

    Capabilities.COMMAND.describeAdded(
        CommandGrant.NONE, request("{\"command\":{\"environment\":[\"TZ\"]}}"), added::add);

    assertThat(added).containsExactly("being run as a command", "the variable TZ");
  }

  @Test
  void aReplayFindsItInTheSummaryOfTheReceipt() {
    var grant = new CommandGrant(true, Set.of("LANG"));
    var summary = Grants.NONE.with(Capabilities.COMMAND, grant).summary();

    assertThat(CommandGrant.ofSummary(summary)).isEqualTo(grant);
    assertThat(CommandGrant.ofSummary(Grants.NONE.summary())).isEqualTo(CommandGrant.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"command\":true} ~ must be an object",
        "{\"command\":{\"environment\":[\"A=B\"]}} ~ must be a variable's name",
        "{\"command\":{\"environment\":\"A\"}} ~ must be an array",
        "{\"command\":{\"env\":[]}} ~ is unknown",
      })
  void whatIsNoRequestIsAProblem(String json, String message) {
    var document = parsed(json);
    var _ = Capabilities.COMMAND.readRequest(document.object());

    assertThat(Problem.join(document.problems())).contains(message);
  }
}
