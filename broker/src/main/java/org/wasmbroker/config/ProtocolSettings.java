package org.wasmbroker.config;

import java.util.List;
import org.wasmbroker.app.ProtocolName;

/** Where steps come from. */
final class ProtocolSettings {
  static final Setting<ProtocolName> PROTOCOL =
      Setting.of(
          "protocol",
          SettingTypes.oneOf(ProtocolName.class),
          ProtocolName.STANDALONE,
          "Where steps come from: `standalone` takes self-contained messages from `queue.name`,"
              + " `tasker` is a worker of Tasker and takes the steps of `tasker.namespaces`.",
          "tasker");
  static final List<Setting<?>> ALL = List.of(PROTOCOL);

  private ProtocolSettings() {}
}
