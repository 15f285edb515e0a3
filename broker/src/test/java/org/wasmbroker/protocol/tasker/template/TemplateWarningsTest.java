package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Document;

class TemplateWarningsTest {
  private static final TaskTemplate TEMPLATE =
      TemplateReader.readStored(
          Document.of(
              """
              {"name":"orders","namespace_name":"shop","version":"1","steps":[
                {"name":"good","handler":{"callable":"wasm:transform"}},
                {"name":"typo","handler":{"callable":"transfrom"}},
                {"name":"unlike","handler":{"callable":"email"}},
                {"name":"future","handler":{"callable":"transform@9"}},
                {"name":"ruby","handler":{"callable":"Orders::Price"}},
                {"name":"events","handler":{"callable":"transform"},"publishes_events":[
                  {"name":"order.seen","description":"","schema":{},"delivery_mode":"fast"},
                  {"name":"order.paid","description":"","schema":{},"publisher":"Paid"}]}]}
              """));

  @Test
  void everyUnservedCallableIsReportedWithItsStep() {
    assertThat(warnings(Set.of("transform", "validate")))
        .containsExactly(
            "step 'typo' has the callable 'transfrom', and no module serves it; did you mean"
                + " 'transform'? (available: transform, validate)",
            "step 'unlike' has the callable 'email', and no module serves it; available: transform,"
                + " validate",
            "step 'future' has the callable 'transform@9', and no module of that handler has that"
                + " version",
            "step 'ruby' is for another worker: the callable 'Orders::Price' is not a handler of"
                + " this worker (such as transform, wasm:transform or wasm:transform@1.2): a"
                + " handler's name has 1 to 64 of a-z, 0-9, '_' and '-', was 'Orders::Price'",
            "step 'events' publishes 'order.seen' with delivery_mode fast: to listeners within the"
                + " worker, of which this one has none; use durable",
            "step 'events' publishes 'order.paid' by the publisher 'Paid', which this worker does"
                + " not have: the event carries the step's result unchanged");
  }

  @Test
  void aWorkerWithoutModulesIsReported() {
    assertThat(warnings(Set.of()))
        .contains(
            "step 'typo' has the callable 'transfrom', and no module serves it; available: none");
  }

  private static List<String> warnings(Set<String> handlers) {
    return TemplateWarnings.of(
        TEMPLATE,
        handler -> handlers.contains(handler.name()) && handler.selector() == null,
        handlers);
  }
}
