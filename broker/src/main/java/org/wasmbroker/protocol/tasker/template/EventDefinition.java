package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.Nullable;

/** An event that the template describes for its readers. */
public record EventDefinition(String name, @Nullable String description) {}
