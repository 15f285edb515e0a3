package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from; the later one wins.
 *
 * @param file a YAML or JSON file, or null; null also leaves it to {@code WASM_BROKER_CONFIG}
 * @param environment all environment variables of the process
 * @param flags settings by key, from the command line
 */
public record ConfigSources(
    @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {}
