package org.wasmbroker.rollout;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Names;
import org.wasmbroker.registry.route.Choice;
import org.wasmbroker.registry.route.RolloutRules;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Version;

/**
 * The rollout in force: what the file says, less the candidates that were rolled back. Thread-safe;
 * choosing a version waits for nobody and allocates nothing, since everything else is done when
 * something changes.
 */
public final class Rollouts implements RolloutRules {
  private volatile State state;

  /** Everything at one moment, so that a change is one write. */
  private record State(
      Rollout rollout,
      Map<ReleaseName, Rollback> rolledBack,
      Map<String, HandlerRoute> routes,
      Map<String, Map<String, HandlerRef>> channels) {

    static State of(Rollout rollout, Map<ReleaseName, Rollback> rolledBack) {
      var routes = new HashMap<String, HandlerRoute>();
      for (var handler : rollout.handlers().values()) {
        var candidate = handler.candidate();
        boolean gone =
            candidate != null
                && rolledBack.containsKey(Rollback.name(handler, candidate.version()));
        routes.put(handler.handler(), HandlerRoute.of(handler, gone));
      }
      var channels = new HashMap<String, Map<String, HandlerRef>>();
      rollout
          .channels()
          .forEach(
              (name, versions) -> {
                var references = new HashMap<String, HandlerRef>();
                versions.forEach(
                    (handler, version) ->
                        references.put(handler, new HandlerRef(handler, version.toString())));
                channels.put(name, references);
              });
      return new State(rollout, rolledBack, routes, channels);
    }
  }

  public Rollouts(Rollout initial) {
    this.state = State.of(initial, Map.of());
  }

  @Override
  public @Nullable Choice choose(String handler, RoutingFacts step) {
    var route = state.routes().get(handler);
    return route == null ? null : route.choose(step);
  }

  /** What a plain reference means outside of any step; null for the newest release. */
  public @Nullable HandlerRef stable(String handler) {
    var route = state.routes().get(handler);
    return route == null ? null : route.stable().version();
  }

  @Override
  public @Nullable HandlerRef channel(String handler, String channel) {
    var versions = state.channels().get(channel);
    return versions == null ? null : versions.get(handler);
  }

  @Override
  public String channelProblem(HandlerRef ref) {
    var handler = ref.name();
    var channel = String.valueOf(ref.selector());
    var channels = state.channels();
    var versions = channels.get(channel);
    if (versions != null) {
      return "channel '%s' has no version of handler '%s'%s"
          .formatted(channel, handler, Names.suggest(handler, new TreeMap<>(versions).keySet()));
    }
    return channels.isEmpty()
        ? "there is no channel '%s': rollout.file defines none".formatted(channel)
        : "no channel is named '%s'%s"
            .formatted(channel, Names.suggest(channel, new TreeMap<>(channels).keySet()));
  }

  @Override
  public boolean isWithdrawn(String handler, Version version) {
    var rolledBack = state.rolledBack();
    return !rolledBack.isEmpty()
        && rolledBack.containsKey(new ReleaseName(handler, version.toString()));
  }

  /** What the file in force says. */
  public Rollout rollout() {
    return state.rollout();
  }

  public Map<ReleaseName, Rollback> rolledBack() {
    return state.rolledBack();
  }

  /** The steps that start from now on follow another file. */
  synchronized void apply(Rollout rollout) {
    state = State.of(rollout, state.rolledBack());
  }

  /** The steps that start from now on do not get these candidates. */
  synchronized void withdraw(Map<ReleaseName, Rollback> rolledBack) {
    if (!rolledBack.equals(state.rolledBack())) {
      state = State.of(state.rollout(), new TreeMap<>(rolledBack));
    }
  }
}
