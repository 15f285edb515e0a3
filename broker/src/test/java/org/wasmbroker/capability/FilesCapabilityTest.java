package org.wasmbroker.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.Problem;
import org.wasmbroker.sandbox.files.DirectoryMode;

final class FilesCapabilityTest {
  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 1 << 20, 20);

  private static ParsedDocument parsed(String json) {
    return JSON.read("test", json.getBytes(StandardCharsets.UTF_8));
  }

  private static FilesRequest request(String json) {
    var document = parsed(json);
    var request = Capabilities.FILES.readRequest(document.object());
    assertThat(document.problems()).isEmpty();
    return request;
  }

  private static FilesPermit permit(String json) {
    var document = parsed(json);
    var permit = FilesReader.readRule(document.object());
    assertThat(document.problems()).isEmpty();
    return permit;
  }

  private static List<String> differences(FilesRequest request, FilesPermit permit) {
    var differences = new ArrayList<String>();
    Capabilities.FILES.explain(request, permit, differences::add);
    return differences;
  }

  @Test
  void whatIsRequestedAndPermittedIsGranted() {
    var granted =
        Capabilities.FILES.intersect(
            request(
                """
                {"files":{
                  "/step":"read-write",
                  "/in":{"mode":"read","from":"input"},
                  "/data":{"mode":"read","from":"operator"}}}
                """),
            permit(
                """
                {"files":{"size":"1MiB","entries":"50","directories":{"/data":"/srv/data"}}}
                """));

    assertThat(granted.bytes()).isEqualTo(1 << 20);
    assertThat(granted.entries()).isEqualTo(50);
    assertThat(granted.directories())
        .containsExactly(
            new GrantedDirectory("/step", DirectoryMode.READ_WRITE, DirectorySource.EMPTY, null),
            new GrantedDirectory("/in", DirectoryMode.READ, DirectorySource.INPUT, null),
            new GrantedDirectory(
                "/data", DirectoryMode.READ, DirectorySource.OPERATOR, Path.of("/srv/data")));
  }

  @Test
  void aModeOfThePolicyLowersThatOfEachDirectory() {
    var request = request("{\"files\":{\"/step\":\"read-write\",\"/out\":\"write\"}}");
    var permit = permit("{\"files\":{\"size\":\"64KiB\",\"mode\":\"read\"}}");

    assertThat(Capabilities.FILES.intersect(request, permit).directories())
        .containsExactly(
            new GrantedDirectory("/step", DirectoryMode.READ, DirectorySource.EMPTY, null));
    assertThat(differences(request, permit))
        .containsExactly(
            "the directory /step is requested as read-write and granted as read",
            "the directory /out is requested as write and granted as none");
  }

  @Test
  void anOperatorsDirectoryThatThePolicyDoesNotNameIsNotThere() {
    var request = request("{\"files\":{\"/data\":{\"mode\":\"read\",\"from\":\"operator\"}}}");
    var permit = permit("{\"files\":\"64KiB\"}");

    assertThat(Capabilities.FILES.intersect(request, permit).isNone()).isTrue();
    assertThat(differences(request, permit)).singleElement().asString().contains("/data");
  }

  @Test
  void nothingIsGrantedThatIsNotBothRequestedAndPermitted() {
    var request = request("{\"files\":{\"/step\":\"read-write\"}}");
    var permit = permit("{\"files\":\"64KiB\"}");

    assertThat(Capabilities.FILES.intersect(request, FilesPermit.NONE).isNone()).isTrue();
    assertThat(Capabilities.FILES.intersect(FilesRequest.NONE, permit).isNone()).isTrue();
    assertThat(differences(request, FilesPermit.NONE)).hasSize(1);
    assertThat(differences(FilesRequest.NONE, permit)).hasSize(1);
    assertThat(differences(FilesRequest.NONE, FilesPermit.NONE)).isEmpty();
  }

  @Test
  void rulesPermitTheLargerBoundAndAllDirectories() {
    var both =
        Capabilities.FILES.merge(
            List.of(
                permit(
                    "{\"files\":{\"size\":\"1MiB\",\"mode\":\"read\",\"directories\":"
                        + "{\"/a\":\"/one\",\"/b\":\"/two\"}}}"),
                permit(
                    "{\"files\":{\"size\":\"64KiB\",\"mode\":\"write\",\"directories\":"
                        + "{\"/b\":\"/three\"}}}")));

    assertThat(both.bytes()).isEqualTo(1 << 20);
    assertThat(both.mode()).isEqualTo(DirectoryMode.READ_WRITE);
    assertThat(both.directories())
        .containsEntry("/a", Path.of("/one"))
        .containsEntry("/b", Path.of("/three"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"files\":{\"work\":\"read\"}} | absolute path",
        "{\"files\":{\"/a/../b\":\"read\"}} | absolute path",
        "{\"files\":{\"/a/\":\"read\"}} | absolute path",
        "{\"files\":{\"/a b\":\"read\"}} | absolute path",
        "{\"files\":{\"/a\":\"append\"}} | none, read, write or read-write",
        "{\"files\":{\"/a\":{\"from\":\"input\"}}} | has no mode",
        "{\"files\":{\"/a\":{\"mode\":\"read\",\"from\":\"host\"}}} | must be one of",
        "{\"files\":{\"/a\":{\"mode\":\"read\",\"form\":\"input\"}}} | form",
        "{\"files\":{\"/a\":{\"mode\":\"write\",\"from\":\"operator\"}}} | can only be read",
        "{\"files\":{\"/a\":{\"mode\":\"read-write\",\"from\":\"content\"}}} | can only be read",
        "{\"files\":true} | object",
      })
  void aRequestThatCannotBeIsAProblem(String json, String problem) {
    var document = parsed(json);
    Capabilities.FILES.readRequest(document.object());

    assertThat(Problem.join(document.problems())).contains(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"files\":\"1KiB\"} | 4KiB to 1GiB",
        "{\"files\":\"much\"} | a size such as",
        "{\"files\":{\"mode\":\"read\"}} | has no size",
        "{\"files\":{\"size\":\"1MiB\",\"entries\":\"0\"}} | 1 to 100000",
        "{\"files\":{\"size\":\"1MiB\",\"directories\":{\"/a\":\"relative\"}}} | absolute path",
        "{\"files\":{\"size\":\"1MiB\",\"directories\":{\"a\":\"/srv\"}}} | absolute path",
        "{\"files\":{\"size\":\"1MiB\",\"sizes\":\"1MiB\"}} | sizes",
      })
  void aRuleThatCannotBeIsAProblem(String json, String problem) {
    var document = parsed(json);
    FilesReader.readRule(document.object());

    assertThat(Problem.join(document.problems())).contains(problem);
  }

  @Test
  void aDirectoryThatANewVersionAsksForIsTold() {
    var added = new ArrayList<String>();
    Capabilities.FILES.describeAdded(
        request("{\"files\":{\"/step\":\"read\"}}"),
        request(
            "{\"files\":{\"/step\":\"read-write\",\"/in\":{\"mode\":\"read\",\"from\":\"input\"}}}"),
        added::add);

    assertThat(added)
        .containsExactly(
            "the directory /step (read-write)", "the directory /in (read, from input)");
  }
}
