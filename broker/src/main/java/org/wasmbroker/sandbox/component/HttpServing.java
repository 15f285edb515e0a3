package org.wasmbroker.sandbox.component;

/**
 * What {@code wasi:http/types} has for components that serve requests. Toolchains import it
 * together with what their programs use; a component here is never asked by HTTP, and one that
 * calls any of it ends.
 */
final class HttpServing {
  private static final String METHOD =
      "variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}";
  private static final String REQUEST = "func(borrow<incoming-request>) -> ";
  private static final String RESPONSE = "func(borrow<outgoing-response>) -> ";

  private HttpServing() {}

  static void define(ComponentFunctions functions) {
    refused(functions, "[method]incoming-request.method", REQUEST + METHOD);
    refused(functions, "[method]incoming-request.path-with-query", REQUEST + "option<string>");
    refused(
        functions,
        "[method]incoming-request.scheme",
        REQUEST + "option<variant{HTTP, HTTPS, other(string)}>");
    refused(functions, "[method]incoming-request.authority", REQUEST + "option<string>");
    refused(functions, "[method]incoming-request.headers", REQUEST + "own<fields>");
    refused(functions, "[method]incoming-request.consume", REQUEST + "result<own<incoming-body>>");
    refused(
        functions, "[constructor]outgoing-response", "func(own<fields>) -> own<outgoing-response>");
    refused(functions, "[method]outgoing-response.status-code", RESPONSE + "u16");
    refused(
        functions,
        "[method]outgoing-response.set-status-code",
        "func(borrow<outgoing-response>, u16) -> result");
    refused(functions, "[method]outgoing-response.headers", RESPONSE + "own<fields>");
    refused(functions, "[method]outgoing-response.body", RESPONSE + "result<own<outgoing-body>>");
    refused(
        functions,
        "[static]response-outparam.set",
        "func(own<response-outparam>, result<own<outgoing-response>, " + HttpErrorCode.TYPE + ">)");
  }

  private static void refused(ComponentFunctions functions, String name, String type) {
    functions.define(
        OutgoingHttp.TYPES,
        name,
        type,
        (call, _) -> {
          throw call.run().violated("it serves requests by HTTP, which no step does");
        });
  }
}
