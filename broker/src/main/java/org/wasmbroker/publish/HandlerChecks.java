package org.wasmbroker.publish;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.wasmbroker.example.ExampleGrants;
import org.wasmbroker.example.ExampleRunner;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;

/**
 * What is checked of a handler wherever it is published: that a broker would run it, and that it
 * does what its examples say.
 */
public final class HandlerChecks {
  private static final int MAX_DIFFERENCES = 5;

  private final Engine engine;
  private final Limits limits;
  private final int maxModuleBytes;
  private final ExampleRunner examples;

  /**
   * @param limits of a broker, which the manifest lowers
   * @param maxModuleBytes the size of the largest module that a broker takes
   */
  public HandlerChecks(Engine engine, Limits limits, int maxModuleBytes, ExampleRunner examples) {
    this.engine = engine;
    this.limits = limits;
    this.maxModuleBytes = maxModuleBytes;
    this.examples = examples;
  }

  /**
   * Makes the checks in their order.
   *
   * @param where the files come from, for messages
   * @param withExamples whether the examples run
   * @param report is told each check when it ended
   * @return the handler; empty if a check failed
   */
  public Optional<Publication> check(
      String where, PackageFiles files, boolean withExamples, Consumer<Check> report) {
    var checks = new ArrayList<Check>();
    Consumer<Check> note =
        check -> {
          checks.add(check);
          report.accept(check);
        };
    var publication = manifest(where, files, note);
    publication.ifPresent(known -> run(known, withExamples, note));
    return checks.stream().anyMatch(Check::failed) ? Optional.empty() : publication;
  }

  private static Optional<Publication> manifest(
      String where, PackageFiles files, Consumer<Check> note) {
    try {
      var publication = Publication.of(where, files);
      note.accept(Check.ok("manifest", publication.id() + ", ABI 1"));
      schemas(publication.manifest(), note);
      return Optional.of(publication);
    } catch (ModuleSourceException invalid) {
      note.accept(Check.failed("manifest", String.valueOf(invalid.getMessage())));
      return Optional.empty();
    }
  }

  private static void schemas(Manifest manifest, Consumer<Check> note) {
    var problems = Inspection.schemaProblems(manifest);
    note.accept(
        problems.isEmpty()
            ? Check.ok("schemas", "can be used")
            : Check.failed("schemas", String.join("; ", problems)));
  }

  private void run(Publication publication, boolean withExamples, Consumer<Check> note) {
    var wasm = publication.files().wasm();
    var effective = publication.manifest().clamp(limits);
    var problems = GuestProblems.of(wasm, effective, maxModuleBytes);
    if (!problems.isEmpty()) {
      note.accept(Check.failed("module", String.join("; ", problems)));
      return;
    }
    try (var module = engine.compile(wasm, effective)) {
      var refusal = ExampleGrants.of(publication.manifest(), limits).refusal(module);
      if (refusal.isPresent()) {
        note.accept(Check.failed("module", refusal.orElseThrow()));
        return;
      }
      note.accept(
          Check.ok("module", "%d bytes, at most %d".formatted(wasm.size(), maxModuleBytes)));
      if (withExamples) {
        examples(publication, module, note);
      } else {
        note.accept(Check.skipped("examples", "as demanded"));
      }
    } catch (ModuleRefusedException refused) {
      note.accept(Check.failed("module", String.valueOf(refused.getMessage())));
    }
  }

  private void examples(Publication publication, CompiledModule module, Consumer<Check> note) {
    var manifest = publication.manifest();
    if (manifest.examples().isEmpty()) {
      note.accept(Check.skipped("examples", "the manifest has none"));
      return;
    }
    var id =
        new ModuleId(
            manifest.name(), manifest.version().toString(), publication.files().wasm().digest());
    var resolved =
        new Resolution.Resolved(
            id, module, ExampleGrants.of(manifest, limits), manifest.outputSchema());
    var handler = new HandlerRef(manifest.name(), null);
    List<String> failures = new ArrayList<>();
    for (var example : manifest.examples()) {
      var outcome = examples.run(example, handler, resolved);
      if (!outcome.matched()) {
        var differences =
            outcome.differences().stream().limit(MAX_DIFFERENCES).map(Object::toString).toList();
        failures.add("'%s': %s".formatted(example.name(), String.join("; ", differences)));
      }
    }
    note.accept(
        failures.isEmpty()
            ? Check.ok("examples", "all %d match".formatted(manifest.examples().size()))
            : Check.failed(
                "examples",
                "%d of %d do not match: %s"
                    .formatted(
                        failures.size(),
                        manifest.examples().size(),
                        String.join(" | ", failures))));
  }
}
