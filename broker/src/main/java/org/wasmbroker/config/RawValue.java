package org.wasmbroker.config;

/**
 * What somebody wrote for a setting.
 *
 * @param text the value as written
 * @param origin where: {@code FILE:LINE}, the environment variable's name, or the flag
 */
record RawValue(String text, String origin) {}
