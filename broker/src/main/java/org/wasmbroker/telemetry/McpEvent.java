package org.wasmbroker.telemetry;

/** Something that happened in the MCP server. */
public sealed interface McpEvent extends BrokerEvent {
  /**
   * A request was served.
   *
   * @param method one of the server's methods, or {@code other}
   */
  record Request(String method, Outcome outcome) implements McpEvent {}

  /** A message was refused before it was served. */
  record Refused(Reason reason) implements McpEvent {}

  /** How many sessions there are over HTTP. */
  record Sessions(int open) implements McpEvent {}

  /** How a request ended. */
  enum Outcome {
    ANSWERED,
    /** The tool reported an error. */
    TOOL_ERROR,
    /** The request could not be served as such. */
    PROTOCOL_ERROR,
    /** The client did not wait. */
    CANCELLED
  }

  /** Why a message was refused. */
  enum Reason {
    /** It is no message. */
    MALFORMED,
    TOO_LARGE,
    /** Of a host or an origin that is not allowed. */
    ORIGIN,
    /** Without a token that is accepted. */
    TOKEN,
    /** Of a session that does not exist. */
    SESSION,
    /** There are too many sessions or requests. */
    BUSY,
    /** The client read too slowly. */
    SLOW
  }
}
