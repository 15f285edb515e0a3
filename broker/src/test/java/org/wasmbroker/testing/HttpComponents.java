package org.wasmbroker.testing;

/** The interfaces of {@code wasi:http} for requests as components import them. */
public final class HttpComponents {
  private static final String STREAMS =
      """
      (alias outer 1 $error-type (type $e))
      (export "error" (type $error (eq $e)))
      (export "input-stream" (type $input-stream (sub resource)))
      (export "output-stream" (type $output-stream (sub resource)))
      (type $se (variant (case "last-operation-failed" (own $error)) (case "closed")))
      (export "stream-error" (type $stream-error (eq $se)))
      (export "[method]input-stream.blocking-read" (func (param "self" (borrow $input-stream))
        (param "len" u64) (result (result (list u8) (error $stream-error)))))
      (export "[method]output-stream.blocking-write-and-flush"
        (func (param "self" (borrow $output-stream)) (param "contents" (list u8))
          (result (result (error $stream-error)))))
      """;

  private static final String TYPES =
      """
      (alias outer 1 $error-type (type $e))
      (export "io-error" (type $error (eq $e)))
      (alias outer 1 $input-type (type $i))
      (export "input-stream" (type $input (eq $i)))
      (alias outer 1 $output-type (type $o))
      (export "output-stream" (type $output (eq $o)))
      (alias outer 1 $pollable-type (type $p))
      (export "pollable" (type $pollable (eq $p)))
      (type $m (variant (case "get") (case "head") (case "post") (case "put") (case "delete")
        (case "connect") (case "options") (case "trace") (case "patch") (case "other" string)))
      (export "method" (type $method (eq $m)))
      (type $s (variant (case "HTTP") (case "HTTPS") (case "other" string)))
      (export "scheme" (type $scheme (eq $s)))
      (type $dns-t (record (field "rcode" (option string)) (field "info-code" (option u16))))
      (export "DNS-error-payload" (type $dns (eq $dns-t)))
      (type $tls-t (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
      (export "TLS-alert-received-payload" (type $tls (eq $tls-t)))
      (type $size-t (record (field "field-name" (option string))
        (field "field-size" (option u32))))
      (export "field-size-payload" (type $size (eq $size-t)))
      (type $code-t (variant
        (case "DNS-timeout") (case "DNS-error" $dns) (case "destination-not-found")
        (case "destination-unavailable") (case "destination-IP-prohibited")
        (case "destination-IP-unroutable") (case "connection-refused")
        (case "connection-terminated") (case "connection-timeout")
        (case "connection-read-timeout") (case "connection-write-timeout")
        (case "connection-limit-reached") (case "TLS-protocol-error")
        (case "TLS-certificate-error") (case "TLS-alert-received" $tls)
        (case "HTTP-request-denied") (case "HTTP-request-length-required")
        (case "HTTP-request-body-size" (option u64)) (case "HTTP-request-method-invalid")
        (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
        (case "HTTP-request-header-section-size" (option u32))
        (case "HTTP-request-header-size" (option $size))
        (case "HTTP-request-trailer-section-size" (option u32))
        (case "HTTP-request-trailer-size" $size) (case "HTTP-response-incomplete")
        (case "HTTP-response-header-section-size" (option u32))
        (case "HTTP-response-header-size" $size) (case "HTTP-response-body-size" (option u64))
        (case "HTTP-response-trailer-section-size" (option u32))
        (case "HTTP-response-trailer-size" $size)
        (case "HTTP-response-transfer-coding" (option string))
        (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
        (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
        (case "configuration-error") (case "internal-error" (option string))))
      (export "error-code" (type $code (eq $code-t)))
      (type $he (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
      (export "header-error" (type $header-error (eq $he)))
      (export "fields" (type $fields (sub resource)))
      (export "outgoing-request" (type $request (sub resource)))
      (export "request-options" (type $options (sub resource)))
      (export "outgoing-body" (type $out-body (sub resource)))
      (export "future-incoming-response" (type $future (sub resource)))
      (export "incoming-response" (type $response (sub resource)))
      (export "incoming-body" (type $in-body (sub resource)))
      (export "future-trailers" (type $trailers (sub resource)))
      (export "http-error-code" (func (param "err" (borrow $error)) (result (option $code))))
      (export "[constructor]fields" (func (result (own $fields))))
      (export "[method]fields.append" (func (param "self" (borrow $fields)) (param "name" string)
        (param "value" (list u8)) (result (result (error $header-error)))))
      (export "[method]fields.clone" (func (param "self" (borrow $fields))
        (result (own $fields))))
      (export "[constructor]outgoing-request" (func (param "headers" (own $fields))
        (result (own $request))))
      (export "[method]outgoing-request.headers" (func (param "self" (borrow $request))
        (result (own $fields))))
      (export "[method]outgoing-request.body" (func (param "self" (borrow $request))
        (result (result (own $out-body)))))
      (export "[method]outgoing-request.set-method" (func (param "self" (borrow $request))
        (param "method" $method) (result (result))))
      (export "[method]outgoing-request.set-scheme" (func (param "self" (borrow $request))
        (param "scheme" (option $scheme)) (result (result))))
      (export "[method]outgoing-request.set-authority" (func (param "self" (borrow $request))
        (param "authority" (option string)) (result (result))))
      (export "[method]outgoing-request.set-path-with-query"
        (func (param "self" (borrow $request)) (param "path-with-query" (option string))
          (result (result))))
      (export "[constructor]request-options" (func (result (own $options))))
      (export "[method]request-options.set-first-byte-timeout"
        (func (param "self" (borrow $options)) (param "duration" (option u64))
          (result (result))))
      (export "[method]outgoing-body.write" (func (param "self" (borrow $out-body))
        (result (result (own $output)))))
      (export "[static]outgoing-body.finish" (func (param "this" (own $out-body))
        (param "trailers" (option (own $fields))) (result (result (error $code)))))
      (export "[method]future-incoming-response.subscribe" (func (param "self" (borrow $future))
        (result (own $pollable))))
      (export "[method]future-incoming-response.get" (func (param "self" (borrow $future))
        (result (option (result (result (own $response) (error $code)))))))
      (export "[method]incoming-response.status" (func (param "self" (borrow $response))
        (result u16)))
      (export "[method]incoming-response.headers" (func (param "self" (borrow $response))
        (result (own $fields))))
      (export "[method]incoming-response.consume" (func (param "self" (borrow $response))
        (result (result (own $in-body)))))
      (export "[method]incoming-body.stream" (func (param "self" (borrow $in-body))
        (result (result (own $input)))))
      (export "[static]incoming-body.finish" (func (param "this" (own $in-body))
        (result (own $trailers))))
      """;

  private static final String HANDLER =
      """
      (alias outer 1 $request-type (type $r))
      (export "outgoing-request" (type $request (eq $r)))
      (alias outer 1 $options-type (type $o))
      (export "request-options" (type $options (eq $o)))
      (alias outer 1 $future-type (type $f))
      (export "future-incoming-response" (type $future (eq $f)))
      (alias outer 1 $code-type (type $c))
      (export "error-code" (type $code (eq $c)))
      (export "handle" (func (param "request" (own $request))
        (param "options" (option (own $options)))
        (result (result (own $future) (error $code)))))
      """;

  private HttpComponents() {}

  /** Imports {@code types} and what belongs to it, which needs no grant. */
  public static Components importingTypes() {
    return new Components()
        .instance("error", "wasi:io/error@0.2.3", "(export \"error\" (type (sub resource)))")
        .outer("(alias export $error \"error\" (type $error-type))")
        .instance(
            "poll",
            "wasi:io/poll@0.2.3",
            """
            (export "pollable" (type $pollable (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $pollable))))
            """)
        .outer("(alias export $poll \"pollable\" (type $pollable-type))")
        .instance("streams", "wasi:io/streams@0.2.3", STREAMS)
        .outer("(alias export $streams \"input-stream\" (type $input-type))")
        .outer("(alias export $streams \"output-stream\" (type $output-type))")
        .instance("types", "wasi:http/types@0.2.3", TYPES);
  }

  /** Imports {@code outgoing-handler}, too, as instance {@code handler}. */
  public static Components importing() {
    return importingTypes()
        .outer("(alias export $types \"outgoing-request\" (type $request-type))")
        .outer("(alias export $types \"request-options\" (type $options-type))")
        .outer("(alias export $types \"future-incoming-response\" (type $future-type))")
        .outer("(alias export $types \"error-code\" (type $code-type))")
        .instance("handler", "wasi:http/outgoing-handler@0.2.3", HANDLER);
  }
}
