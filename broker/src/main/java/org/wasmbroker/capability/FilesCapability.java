package org.wasmbroker.capability;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.capability.FilesRequest.RequestedDirectory;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.files.DirectoryMode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Directories in the broker's memory, for the length of a run. They have no host function of their
 * own: guests use WASI's file functions, which are always there and find no directory without this.
 */
final class FilesCapability implements Capability<FilesRequest, FilesPermit, FilesGrant> {
  @Override
  public String name() {
    return "files";
  }

  @Override
  public FilesRequest readRequest(ObjectReader capabilities) {
    return FilesReader.readRequest(capabilities);
  }

  @Override
  public FilesRequest defaultRequest() {
    return FilesRequest.NONE;
  }

  @Override
  public RuleReader<FilesPermit> readPolicy(ObjectReader root) {
    return FilesReader::readRule;
  }

  /** Of each bound, the largest that a rule grants. */
  @Override
  public FilesPermit merge(List<FilesPermit> rules) {
    return rules.stream().reduce(FilesPermit.NONE, FilesPermit::or);
  }

  @Override
  public FilesGrant intersect(FilesRequest requested, FilesPermit permitted) {
    var granted = new ArrayList<GrantedDirectory>();
    for (var directory : requested.directories()) {
      var mode = directory.mode().and(permitted.mode());
      var operators = permitted.directories().get(directory.path());
      boolean isThere = directory.source() != DirectorySource.OPERATOR || operators != null;
      if (mode != DirectoryMode.NONE && isThere && !permitted.isNone()) {
        granted.add(
            new GrantedDirectory(
                directory.path(),
                mode,
                directory.source(),
                directory.source() == DirectorySource.OPERATOR ? operators : null));
      }
    }
    return granted.isEmpty()
        ? FilesGrant.NONE
        : new FilesGrant(permitted.bytes(), permitted.entries(), granted);
  }

  @Override
  public boolean isEffective(FilesGrant granted) {
    return !granted.isNone();
  }

  @Override
  public String grantedBy() {
    return "a size in files";
  }

  @Override
  public String notGranted() {
    return "no applicable rule has files";
  }

  @Override
  public void explain(FilesRequest requested, FilesPermit permitted, Consumer<String> differences) {
    if (requested.isEmpty() && !permitted.isNone()) {
      differences.accept("files are granted but not requested by the manifest");
    } else if (!requested.isEmpty() && permitted.isNone()) {
      differences.accept("files are requested, but no applicable rule grants them");
    } else {
      requested
          .directories()
          .forEach(directory -> explain(directory, permitted).forEach(differences));
    }
  }

  private static List<String> explain(RequestedDirectory directory, FilesPermit permitted) {
    if (directory.source() == DirectorySource.OPERATOR
        && !permitted.directories().containsKey(directory.path())) {
      return List.of(
          "the directory %s is requested, but no applicable rule names it in files.directories"
              .formatted(directory.path()));
    }
    var mode = directory.mode().and(permitted.mode());
    return mode == directory.mode()
        ? List.of()
        : List.of(
            "the directory %s is requested as %s and granted as %s"
                .formatted(directory.path(), directory.mode().text(), mode.text()));
  }

  @Override
  public Map<String, ?> describeRequest(FilesRequest requested) {
    return Map.of(
        "files", requested.directories().stream().map(RequestedDirectory::describe).toList());
  }

  @Override
  public void describeAdded(FilesRequest before, FilesRequest after, Consumer<String> added) {
    after.directories().stream()
        .filter(directory -> !before.directories().contains(directory))
        .forEach(directory -> added.accept("the directory " + directory.describe()));
  }

  @Override
  public Map<String, ?> describePermit(FilesPermit permitted) {
    return Map.of("files", permitted.isNone() ? "none" : permitted.describe());
  }

  @Override
  public Map<String, ?> describeGrant(FilesGrant granted) {
    return Map.of("files", granted.isNone() ? "none" : granted.describe());
  }

  @Override
  public void summarize(FilesGrant granted, ObjectNode receipt) {
    if (!granted.isNone()) {
      var files = receipt.putObject("files");
      files.put("bytes", granted.bytes()).put("entries", granted.entries());
      var directories = files.putObject("directories");
      granted.directories().forEach(each -> directories.put(each.path(), each.mode().text()));
    }
  }
}
