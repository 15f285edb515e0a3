package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.Optional;

/**
 * What a database says of itself and of a connection to it.
 *
 * @param version such as {@code 18.6}
 * @param versionNumber such as 180006
 * @param readOnly whether it is a standby, or takes no writes for another reason
 * @param clockAhead by how much its clock is ahead of this machine's; negative when it is behind
 * @param clockUncertainty how wrong that may be
 * @param searchPath of the connection
 * @param timeZone of the connection
 * @param pgmq the version of PGMQ, if the database has it
 * @param hasUuidV7 whether it has a function that makes UUIDs of version 7
 * @param pooled whether two connections met the same server process, as they do behind a pooler
 *     that keeps a server connection for the time of a transaction only
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
    boolean hasUuidV7,
    boolean pooled) {}
