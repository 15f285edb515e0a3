package org.wasmbroker.hostile;

import java.util.List;
import java.util.Map;

/** A way to have steps run by the broker, as those have it who ask for them. */
interface WayIn extends AutoCloseable {
  /**
   * Has these steps run, beside each other where the way in can do that.
   *
   * @return how each of them ended, by its label
   */
  Map<String, Ending> run(List<Request> requests);

  @Override
  void close();

  /**
   * A step that somebody asks for.
   *
   * @param label of this step among those of the test
   * @param config its configuration, a JSON object
   * @param context its data, JSON
   */
  record Request(String label, String handler, String config, String context) {}
}
