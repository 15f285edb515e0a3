package org.wasmbroker.app;

import org.wasmbroker.step.EngineInfo;

/**
 * Identifies a broker.
 *
 * @param version the broker's version
 */
public record BrokerInfo(String version, EngineInfo engine) {}
