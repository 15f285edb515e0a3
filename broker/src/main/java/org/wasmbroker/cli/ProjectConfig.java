package org.wasmbroker.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.project.ProjectException;

/** The configuration under which the handler of a project is tried. */
final class ProjectConfig {

  private ProjectConfig() {}

  /**
   * The limits are those that the manifest requests, as an operator who trusts it would allow.
   *
   * @param policy a policy file, or null
   */
  static void prepare(ConfigOptions options, HandlerProject project, @Nullable String policy)
      throws IOException {
    options.put("policy.file", policy);
    options.putDefault("log.level", "warn");
    try {
      var manifest = ProjectTrial.manifest(project);
      if (manifest.memoryBytes() != null) {
        options.putDefault("limits.memory", manifest.memoryBytes().toString());
      }
      if (manifest.timeout() != null) {
        options.putDefault("limits.time", manifest.timeout().toMillis() + "ms");
      }
    } catch (ProjectException invalid) {
      // it is told when the handler is loaded
    }
  }
}
