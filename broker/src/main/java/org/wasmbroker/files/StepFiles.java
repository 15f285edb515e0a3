package org.wasmbroker.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.FileUsage;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.sandbox.files.Mount;
import org.wasmbroker.sandbox.files.Space;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.EventSink;

/** The directories of one step, for all of its runs. Used by the step's thread. */
public final class StepFiles implements GuestFiles {
  private final FileStore store;
  private final FilesGrant granted;
  private final List<GivenFile> input;
  private final Map<String, FileTree> operators;
  private final Step step;
  private final ModuleId module;
  private final EventSink events;
  private final FileUsage usage = new FileUsage();
  private @Nullable FileSystem current;

  StepFiles(
      FileStore store,
      FilesGrant granted,
      List<GivenFile> input,
      Map<String, FileTree> operators,
      Step step,
      ModuleId module,
      EventSink events) {
    this.store = store;
    this.granted = granted;
    this.input = input;
    this.operators = Map.copyOf(operators);
    this.step = step;
    this.module = module;
    this.events = events;
  }

  public FilesGrant granted() {
    return granted;
  }

  /** The operator's directories by the names that the guest has for them. */
  public Map<String, FileTree> operators() {
    return operators;
  }

  @Override
  public FileSystem begin(LongSupplier clock, @Nullable Document content) {
    endRun();
    var space = new Space(granted.bytes(), granted.entries(), store.budget());
    boolean begun = false;
    try {
      var mounts = new ArrayList<Mount>();
      for (var directory : granted.directories()) {
        mounts.add(
            new Mount(directory.path(), directory.mode(), tree(directory, space, clock, content)));
      }
      current = new FileSystem(mounts, space, usage, clock);
      begun = true;
      return current;
    } catch (FileException _) {
      throw FileStore.unavailable("the memory for files, files.size, is used up by other steps");
    } finally {
      if (!begun) {
        space.close();
      }
    }
  }

  private FileTree tree(
      GrantedDirectory directory, Space space, LongSupplier clock, @Nullable Document content)
      throws FileException {
    return switch (directory.source()) {
      case EMPTY -> new FileTree(clock.getAsLong());
      case INPUT -> fromInput(directory, space, clock.getAsLong());
      case CONTENT -> store.archive(content);
      case OPERATOR -> Objects.requireNonNull(operators.get(directory.path()), directory::path);
    };
  }

  private FileTree fromInput(GrantedDirectory directory, Space space, long now)
      throws FileException {
    var tree = new FileTree(now);
    for (var file : input) {
      if (file.mount().equals(directory.path())) {
        tree.addFile(file.path(), file.content().bytes(), now, space);
      }
    }
    return tree;
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    if (usage.isEmpty()) {
      return null;
    }
    return new CapabilityUsage(Capabilities.FILES.name(), usage.counts());
  }

  private void endRun() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  @Override
  public void close() {
    endRun();
    if (!usage.isEmpty()) {
      events.on(
          new CallEvent.FilesUsed(
              step,
              module,
              usage.opens(),
              usage.creations(),
              usage.removals(),
              usage.bytesRead(),
              usage.bytesWritten(),
              usage.refusals()));
    }
  }
}
