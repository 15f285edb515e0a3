package org.wasmbroker.app;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.session.Commands;
import org.wasmbroker.session.SessionLimits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;

/**
 * The installed handlers that are commands and may run, as those of a session. A command finds the
 * session's files if its manifest requests the directory {@code /}, in that mode; one that may have
 * secrets can read them only, since nobody searches files for what it would leave in them.
 */
public final class SessionCommands implements Commands {
  private final CommandService service;
  private final Predicate<String> offered;
  private final Once<List<Installed>> listed;
  private final Once<Function<String, Optional<Installed>>> finder;
  private final SessionLimits limits;

  /**
   * A command that is installed.
   *
   * @param files the mode in which its manifest requests the directory {@code /}
   */
  public record Installed(String name, DirectoryMode files) {}

  /** Where the commands are installed that may run under a policy. */
  public interface Source {
    /** All of them, each in its newest version. */
    List<Installed> list(Policy policy, TrustPolicy trust);

    /**
     * Finds single ones by name and reads no others, since most sessions run few of them; by any
     * thread.
     */
    Function<String, Optional<Installed>> finder(Policy policy, TrustPolicy trust);
  }

  /**
   * @param offered whether a name may be run
   */
  public SessionCommands(
      CommandService service, Predicate<String> offered, Source source, SessionLimits limits) {
    this.service = service;
    this.offered = offered;
    this.listed = new Once<>(() -> source.list(service.policy(), service.trust()));
    this.finder = new Once<>(() -> source.finder(service.policy(), service.trust()));
    this.limits = limits;
  }

  /** Made when it is first needed, and again when that may be another. */
  private static final class Once<T> {
    private final Supplier<T> source;
    private @Nullable T value; // guarded by this

    Once(Supplier<T> source) {
      this.source = source;
    }

    synchronized T get() {
      var known = value;
      if (known == null) {
        known = source.get();
        value = known;
      }
      return known;
    }

    synchronized void forget() {
      value = null;
    }
  }

  /** Other commands may run now: they are looked for again. */
  public void changed() {
    listed.forget();
    finder.forget();
  }

  @Override
  public List<String> names() {
    return listed.get().stream().map(Installed::name).filter(offered).sorted().toList();
  }

  private @Nullable Installed find(String name) {
    return offered.test(name) ? finder.get().apply(name).orElse(null) : null;
  }

  @Override
  public boolean has(String name) {
    return find(name) != null;
  }

  @Override
  public boolean allows(String name, String variable) {
    return service.resolve(new HandlerRef(name, null)) instanceof Resolved handler
        && handler.grants().of(Capabilities.COMMAND).allows(variable);
  }

  @Override
  public void load(String name) {
    var _ = service.resolve(new HandlerRef(name, null));
  }

  @Override
  public @Nullable Outcome run(Call call) {
    var handler = new HandlerRef(call.name(), null);
    var resolution = service.resolve(handler);
    var command = find(call.name());
    var mode = mode(command, resolution);
    GuestFiles files = null;
    if (resolution instanceof Resolved resolved) {
      resolution = service.withFiles(resolved, grant(mode));
      files = mode == DirectoryMode.NONE ? null : call.files().apply(mode);
    }
    return service.run(
        new CommandService.Call(
            handler,
            resolution,
            call.command(),
            files,
            _ -> GuestLog.NONE,
            call.timeout(),
            call.cancellation(),
            call.onThisThread()));
  }

  private static DirectoryMode mode(@Nullable Installed command, Resolution resolution) {
    var requested = command == null ? DirectoryMode.NONE : command.files();
    return requested.writes() && CommandService.mayHaveSecrets(resolution)
        ? DirectoryMode.READ
        : requested;
  }

  private FilesGrant grant(DirectoryMode mode) {
    return mode == DirectoryMode.NONE
        ? FilesGrant.NONE
        : new FilesGrant(
            limits.fileBytes(),
            limits.fileEntries(),
            List.of(new GrantedDirectory("/", mode, DirectorySource.EMPTY, null)));
  }
}
