package org.wasmbroker.protocol.tasker.claim;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.template.CallableParser;
import org.wasmbroker.protocol.tasker.template.ResultRules;
import org.wasmbroker.protocol.tasker.template.StepDefinition;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.StepError;

/**
 * A step's definition with everything that is the same for each of its runs.
 *
 * @param namespace of the template; the step's events are published there
 * @param handler what runs it; {@link StepAssembler#UNKNOWN_HANDLER} if this worker cannot run it
 * @param handlerError why this worker cannot run it, or null
 * @param configuration the definition's part of the guest's configuration
 * @param definitionJson the whole definition
 * @param rules what its result must satisfy
 */
record PreparedStep(
    String namespace,
    StepDefinition definition,
    HandlerRef handler,
    @Nullable StepError handlerError,
    JsonOverlay configuration,
    String definitionJson,
    ResultRules rules) {

  static PreparedStep of(TaskTemplate template, StepDefinition definition) {
    HandlerRef handler;
    StepError handlerError = null;
    try {
      handler = CallableParser.parse(definition);
    } catch (IllegalArgumentException unsupported) {
      handler = StepAssembler.UNKNOWN_HANDLER;
      handlerError =
          HandlerNotFound.error(definition.callable(), String.valueOf(unsupported.getMessage()));
    }
    return new PreparedStep(
        template.namespace(),
        definition,
        handler,
        handlerError,
        new JsonOverlay(definition.initialization()),
        definition.json().text(),
        new ResultRules(template, definition));
  }

  /** How long a run may take. */
  Duration timeout(Duration otherwise) {
    return definition.timeout() == null ? otherwise : definition.timeout();
  }
}
