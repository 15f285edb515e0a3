package org.wasmbroker.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.files.ContentArchive.Unpacked;
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.UnusableContentException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/**
 * Opens the directories of steps, and keeps what many of them share: the operator's directories and
 * the unpacked archives of modules. Thread-safe.
 */
public final class FileStore {
  /**
   * Of the modules that are in use there are few; the next one that is needed is unpacked again.
   */
  private static final int MAX_ARCHIVES = 32;

  private final FileBudget budget;
  private final TimeSource time;
  private final EventSink events;
  private final Map<Path, OperatorDirectory> directories = new ConcurrentHashMap<>();
  private final Cache<Document, Unpacked> archives;

  public FileStore(FilesConfig config, TimeSource time, EventSink events) {
    this.budget = new FileBudget(config.maxBytes());
    this.time = time;
    this.events = events;
    this.archives =
        Caffeine.newBuilder()
            .weakKeys()
            .maximumSize(MAX_ARCHIVES)
            .executor(Runnable::run)
            .removalListener(
                (@Nullable Document _, @Nullable Unpacked archive, RemovalCause _) ->
                    budget.release(Objects.requireNonNull(archive).bytes()))
            .build();
  }

  /** For a single step, which its grant bounds, and which nobody counts. */
  public static FileStore forOneStep() {
    return new FileStore(FilesConfig.LARGEST, TimeSource.SYSTEM, EventSink.NONE);
  }

  /** What all files take now, in bytes. */
  public long bytes() {
    return budget.used();
  }

  public long maximumBytes() {
    return budget.maxBytes();
  }

  /**
   * The directories of a step.
   *
   * @throws StepRefusedException {@code invalid_files} for what its configuration has, {@code
   *     files_unavailable} if a directory of the operator's cannot be read
   */
  public StepFiles open(FilesGrant granted, Step step, ModuleId module) {
    var operators = new HashMap<String, FileTree>();
    for (var directory : granted.directories()) {
      if (directory.operators() != null) {
        operators.put(directory.path(), read(directory.path(), directory.operators()));
      }
    }
    return new StepFiles(
        this, granted, InputFiles.read(granted, step), operators, step, module, events);
  }

  /** The same with the operator's directories as they were when the step was recorded. */
  public StepFiles open(
      FilesGrant granted, Step step, ModuleId module, Map<String, FileTree> operators) {
    return new StepFiles(
        this, granted, InputFiles.read(granted, step), operators, step, module, events);
  }

  private FileTree read(String name, Path directory) {
    try {
      return directories
          .computeIfAbsent(directory, path -> new OperatorDirectory(path, budget))
          .tree(time.nanos());
    } catch (IOException failure) {
      throw unavailable(
          "the operator's directory for %s cannot be read: %s"
              .formatted(name, SafeText.sanitize(String.valueOf(failure.getMessage()), 300)));
    }
  }

  /** What a step is given cannot be had now. */
  static StepRefusedException unavailable(String message) {
    return new StepRefusedException(StepError.retryable("files_unavailable", message));
  }

  FileBudget budget() {
    return budget;
  }

  /** The directory that a module carries. */
  FileTree archive(@Nullable Document content) {
    if (content == null) {
      throw new UnusableContentException(
          "a directory is from content, but the module carries none");
    }
    return archives.get(content, archive -> ContentArchive.unpack(archive, budget)).tree();
  }
}
