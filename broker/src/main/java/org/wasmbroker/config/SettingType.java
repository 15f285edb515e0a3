package org.wasmbroker.config;

import java.util.Optional;
import java.util.function.Function;

/**
 * The type of a setting's value.
 *
 * @param name for docs/configuration.md
 * @param allowed describes valid values; follows "must be" in messages
 * @param parse parses a value; empty if it is invalid
 * @param format the inverse of parse
 * @param display formats a value for display; secrets are masked
 */
record SettingType<T>(
    String name,
    String allowed,
    Function<String, Optional<T>> parse,
    Function<T, String> format,
    Function<String, String> display) {}
