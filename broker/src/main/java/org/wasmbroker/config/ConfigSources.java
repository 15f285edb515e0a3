package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sources of settings; later ones override earlier ones.
 *
 * @param file a YAML or JSON file, or null to use {@code WASM_BROKER_CONFIG} if set
 * @param environment all environment variables of the process
 * @param flags settings by key, from the command line
 */
public record ConfigSources(
    @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {}
