package org.wasmbroker.sandbox.component;

import static java.util.stream.Collectors.joining;
import static org.wasmbroker.sandbox.component.Values.utf8;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The {@code error-code} of {@code wasi:http}, in its order, and which one an error of {@code
 * http_request} is. Where no case says as much as the error document does, it is an internal error
 * with the document's text.
 */
enum HttpErrorCode {
  DNS_TIMEOUT("DNS-timeout"),
  DNS_ERROR("DNS-error", "record{rcode: option<string>, info-code: option<u16>}"),
  DESTINATION_NOT_FOUND("destination-not-found"),
  DESTINATION_UNAVAILABLE("destination-unavailable"),
  DESTINATION_IP_PROHIBITED("destination-IP-prohibited"),
  DESTINATION_IP_UNROUTABLE("destination-IP-unroutable"),
  CONNECTION_REFUSED("connection-refused"),
  CONNECTION_TERMINATED("connection-terminated"),
  CONNECTION_TIMEOUT("connection-timeout"),
  CONNECTION_READ_TIMEOUT("connection-read-timeout"),
  CONNECTION_WRITE_TIMEOUT("connection-write-timeout"),
  CONNECTION_LIMIT_REACHED("connection-limit-reached"),
  TLS_PROTOCOL_ERROR("TLS-protocol-error"),
  TLS_CERTIFICATE_ERROR("TLS-certificate-error"),
  TLS_ALERT_RECEIVED(
      "TLS-alert-received", "record{alert-id: option<u8>, alert-message: option<string>}"),
  HTTP_REQUEST_DENIED("HTTP-request-denied"),
  HTTP_REQUEST_LENGTH_REQUIRED("HTTP-request-length-required"),
  HTTP_REQUEST_BODY_SIZE("HTTP-request-body-size", "option<u64>"),
  HTTP_REQUEST_METHOD_INVALID("HTTP-request-method-invalid"),
  HTTP_REQUEST_URI_INVALID("HTTP-request-URI-invalid"),
  HTTP_REQUEST_URI_TOO_LONG("HTTP-request-URI-too-long"),
  HTTP_REQUEST_HEADER_SECTION_SIZE("HTTP-request-header-section-size", "option<u32>"),
  HTTP_REQUEST_HEADER_SIZE(
      "HTTP-request-header-size",
      "option<record{field-name: option<string>, field-size: option<u32>}>"),
  HTTP_REQUEST_TRAILER_SECTION_SIZE("HTTP-request-trailer-section-size", "option<u32>"),
  HTTP_REQUEST_TRAILER_SIZE(
      "HTTP-request-trailer-size", "record{field-name: option<string>, field-size: option<u32>}"),
  HTTP_RESPONSE_INCOMPLETE("HTTP-response-incomplete"),
  HTTP_RESPONSE_HEADER_SECTION_SIZE("HTTP-response-header-section-size", "option<u32>"),
  HTTP_RESPONSE_HEADER_SIZE(
      "HTTP-response-header-size", "record{field-name: option<string>, field-size: option<u32>}"),
  HTTP_RESPONSE_BODY_SIZE("HTTP-response-body-size", "option<u64>"),
  HTTP_RESPONSE_TRAILER_SECTION_SIZE("HTTP-response-trailer-section-size", "option<u32>"),
  HTTP_RESPONSE_TRAILER_SIZE(
      "HTTP-response-trailer-size", "record{field-name: option<string>, field-size: option<u32>}"),
  HTTP_RESPONSE_TRANSFER_CODING("HTTP-response-transfer-coding", "option<string>"),
  HTTP_RESPONSE_CONTENT_CODING("HTTP-response-content-coding", "option<string>"),
  HTTP_RESPONSE_TIMEOUT("HTTP-response-timeout"),
  HTTP_UPGRADE_FAILED("HTTP-upgrade-failed"),
  HTTP_PROTOCOL_ERROR("HTTP-protocol-error"),
  LOOP_DETECTED("loop-detected"),
  CONFIGURATION_ERROR("configuration-error"),
  INTERNAL_ERROR("internal-error", "option<string>");

  private static final List<HttpErrorCode> CASES = List.of(values());

  /** The variant as WIT writes it. */
  static final String TYPE =
      CASES.stream().map(code -> code.label + code.payload).collect(joining(", ", "variant{", "}"));

  private final String label;
  private final String payload;

  HttpErrorCode(String label) {
    this.label = label;
    this.payload = "";
  }

  HttpErrorCode(String label, String payload) {
    this.label = label;
    this.payload = "(" + payload + ")";
  }

  /** One without a payload. */
  Choice choice() {
    return Choice.of(CASES.indexOf(this));
  }

  /** One whose payload is optional. */
  private Choice choice(Choice option) {
    return new Choice(CASES.indexOf(this), option);
  }

  static Choice requestBodySize(long bytes) {
    return HTTP_REQUEST_BODY_SIZE.choice(Choice.some(bytes));
  }

  static Choice internal(String text) {
    return INTERNAL_ERROR.choice(Choice.some(utf8(text)));
  }

  /** Why there is no response. */
  static Choice ofRequest(int error, HttpEntry http, ComponentCall call)
      throws GuestStoppedException {
    return switch (error(error)) {
      case TOO_LARGE -> HTTP_REQUEST_BODY_SIZE.choice(Choice.NONE);
      case STATE -> CONNECTION_LIMIT_REACHED.choice();
      case DENIED -> HTTP_REQUEST_DENIED.choice();
      case TIMEOUT -> HTTP_RESPONSE_TIMEOUT.choice();
      case INVALID, RATE_LIMITED, IO, BUDGET -> described(http.lastError(call));
      case FAULT, NOT_FOUND -> impossible(error);
    };
  }

  /** Why there is no more of a response's body. */
  static Choice ofBody(int error, HttpEntry http, ComponentCall call) throws GuestStoppedException {
    return switch (error(error)) {
      case TIMEOUT -> CONNECTION_READ_TIMEOUT.choice();
      case BUDGET -> HTTP_RESPONSE_BODY_SIZE.choice(Choice.NONE);
      case IO -> described(http.lastError(call));
      case FAULT, INVALID, TOO_LARGE, STATE, DENIED, NOT_FOUND, RATE_LIMITED -> impossible(error);
    };
  }

  private static AbiError error(int code) {
    return Arrays.stream(AbiError.values())
        .filter(error -> error.code() == code)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("there is no error " + code));
  }

  private static Choice impossible(int code) {
    throw new IllegalStateException("http_request refused a call of the host with " + code);
  }

  private static Choice described(byte[] document) {
    var error = JsonMapper.shared().readTree(document);
    var wait = error.path("retry_after_ms");
    return internal(
        text(error, "type")
            + ": "
            + text(error, "message")
            + (wait.isMissingNode() ? "" : "; retry after " + wait.longValue() + " ms"));
  }

  private static String text(JsonNode error, String member) {
    return error.path(member).asString("");
  }

  /** A code as text. */
  static String text(Choice code) {
    var label = values()[code.index()].label;
    return code.value() instanceof Choice(int _, byte[] text)
        ? label + ": " + new String(text, StandardCharsets.UTF_8)
        : label;
  }
}
