package org.wasmbroker.app;

import org.wasmbroker.step.EngineInfo;

/**
 * Which broker this is.
 *
 * @param version the broker's own
 */
public record BrokerInfo(String version, EngineInfo engine) {}
