package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.Optional;

/**
 * Facts about a database and a connection to it.
 *
 * @param version such as {@code 18.6}
 * @param versionNumber such as 180006
 * @param readOnly whether it is a standby, or accepts no writes for another reason
 * @param clockAhead how far its clock is ahead of this machine's; negative if it is behind
 * @param clockUncertainty the maximum error of {@code clockAhead}
 * @param searchPath of the connection
 * @param timeZone of the connection
 * @param pgmq the version of PGMQ, if it is installed
 * @param hasUuidV7 whether it has a function that creates UUIDs of version 7
 */
public record ServerInfo(
    String version,
    int versionNumber,
    String role,
    boolean readOnly,
    Duration clockAhead,
    Duration clockUncertainty,
    String searchPath,
    String timeZone,
    Optional<String> pgmq,
    boolean hasUuidV7) {}
