/**
 * The SDK of the WASM broker for step handlers in Java, which TeaVM compiles to WebAssembly.
 *
 * <pre>{@code
 * public final class Greeting {
 *   public static void main(String[] arguments) {
 *     StepHandler.serve(Greeting::handle);
 *   }
 *
 *   static Outcome handle(Step step) {
 *     var who = step.context().get("who").asText();
 *     Log.info("greeting " + who);
 *     return Outcome.completed(Json.object().put("greeting", "Hello, " + who).build());
 *   }
 * }
 * }</pre>
 *
 * <p>Each step runs in a fresh instance, in one thread: no variable remembers an earlier step. On a
 * JVM, {@link org.wasmbroker.sdk.TestHost} stands in for the broker, so that unit tests need none.
 */
package org.wasmbroker.sdk;
