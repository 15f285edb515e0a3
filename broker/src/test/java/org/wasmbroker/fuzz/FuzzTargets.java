package org.wasmbroker.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.wasmbroker.egress.HttpRequestFuzz;
import org.wasmbroker.execution.ResultDocumentFuzz;
import org.wasmbroker.grant.PolicyFuzz;
import org.wasmbroker.protocol.standalone.StepMessageFuzz;
import org.wasmbroker.protocol.tasker.claim.TaskerRowFuzz;
import org.wasmbroker.protocol.tasker.template.TaskTemplateFuzz;
import org.wasmbroker.registry.release.ManifestFuzz;
import org.wasmbroker.sandbox.HostCallFuzz;
import org.wasmbroker.sandbox.binary.ModuleBytesFuzz;
import org.wasmbroker.secret.LeakScannerFuzz;
import org.wasmbroker.url.UrlFuzz;

/** The registered targets. */
final class FuzzTargets {
  /** Earlier findings, in a folder for each target. */
  private static final Path FINDINGS = Path.of("src", "test", "resources", "fuzz");

  private static final Map<String, Supplier<FuzzTarget>> ALL = all();

  private FuzzTargets() {}

  private static Map<String, Supplier<FuzzTarget>> all() {
    var targets = new LinkedHashMap<String, Supplier<FuzzTarget>>();
    targets.put("step-message", StepMessageFuzz::new);
    targets.put("tasker-row", TaskerRowFuzz::new);
    targets.put("task-template", TaskTemplateFuzz::new);
    targets.put("manifest", ManifestFuzz::new);
    targets.put("result-document", ResultDocumentFuzz::new);
    targets.put("policy", PolicyFuzz::new);
    targets.put("url", UrlFuzz::new);
    targets.put("http-request", HttpRequestFuzz::new);
    targets.put("leak-scanner", LeakScannerFuzz::new);
    targets.put("module-bytes", ModuleBytesFuzz::new);
    targets.put("host-calls", HostCallFuzz::new);
    return targets;
  }

  static Set<String> names() {
    return ALL.keySet();
  }

  static FuzzTarget named(String name) {
    return Objects.requireNonNull(ALL.get(name), name).get();
  }

  /** The target's own seeds, and its earlier findings. */
  static List<byte[]> seeds(String name, FuzzTarget target) {
    var seeds = new ArrayList<>(target.seeds());
    var findings = FINDINGS.resolve(name);
    if (Files.isDirectory(findings)) {
      try (var files = Files.list(findings)) {
        for (var file : files.sorted().toList()) {
          seeds.add(Files.readAllBytes(file));
        }
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
    return seeds;
  }
}
