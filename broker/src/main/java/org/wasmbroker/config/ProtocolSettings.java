package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.app.ProtocolName;

/** The setting {@code protocol}. */
final class ProtocolSettings {
  static final Setting<ProtocolName> PROTOCOL =
      Setting.of(
          "protocol",
          SettingTypes.oneOf(ProtocolName.class),
          ProtocolName.STANDALONE,
          "Where steps come from: `standalone` claims self-contained messages from"
              + " `queue.name`; `tasker` is a Tasker worker and claims the steps of"
              + " `tasker.namespaces`.",
          "tasker");
  static final List<Setting<?>> ALL = List.of(PROTOCOL);

  private ProtocolSettings() {}
}
