package org.wasmbroker.config;

import java.util.Optional;
import java.util.function.Function;

/**
 * What values a setting takes.
 *
 * @param name in few words, for the table of all settings
 * @param allowed what may be written, to follow "must be"
 * @param parse reads what was written; empty when it is not allowed
 * @param format the opposite of parse
 * @param display what was written, as anyone may see it
 */
record SettingType<T>(
    String name,
    String allowed,
    Function<String, Optional<T>> parse,
    Function<T, String> format,
    Function<String, String> display) {}
