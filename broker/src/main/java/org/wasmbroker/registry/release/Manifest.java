package org.wasmbroker.registry.release;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/**
 * What a module declares about itself.
 *
 * @param description one line for people, or null
 * @param configSchema the JSON Schema of the handler's configuration, or null
 * @param inputSchema the JSON Schema of its input, the step document, or null
 * @param outputSchema the JSON Schema of its result, compiled, or null
 * @param capabilities what it requests
 * @param memoryBytes the maximum memory that it needs, or null for the operator's limit
 * @param timeout the maximum time that it runs, or null for the operator's limit
 * @param errors the errors that it may report, a JSON array as written, or null
 * @param examples what it makes of which inputs
 * @param guidance what it tells those who plan workflows
 */
public record Manifest(
    String name,
    Version version,
    @Nullable String description,
    @Nullable Document configSchema,
    @Nullable Document inputSchema,
    @Nullable JsonSchema outputSchema,
    RequestedCapabilities capabilities,
    @Nullable Long memoryBytes,
    @Nullable Duration timeout,
    @Nullable Document errors,
    List<Example> examples,
    Guidance guidance) {

  public Manifest {
    examples = List.copyOf(examples);
  }

  /** Whether it is run with arguments and standard streams in place of a step document. */
  public boolean isCommand() {
    return capabilities.of(Capabilities.COMMAND).isCommand();
  }

  /** What is granted to it under a policy. */
  public Grants grants(Policy policy) {
    var grants = policy.grants(name, version, capabilities);
    return grants.withLimits(clamp(grants.limits()));
  }

  /** The operator's limits, lowered to what the module declares; never raised. */
  public Limits clamp(Limits operatorLimits) {
    var limits = operatorLimits;
    if (memoryBytes != null && memoryBytes < limits.memoryBytes()) {
      limits = limits.withMemoryBytes(memoryBytes);
    }
    if (timeout != null && timeout.compareTo(limits.time()) < 0) {
      limits = limits.withTime(timeout);
    }
    return limits;
  }
}
