package org.wasmbroker.step;

/** More about the error of a step. */
public sealed interface ErrorContext {
  /** As reported, a JSON object. */
  Document document();

  /** What the handler, or a check of its result, has to add. */
  record Json(Document document) implements ErrorContext {}

  /**
   * The numbers of a limit that was exceeded.
   *
   * @param limit the limit's name, such as {@code memory}
   * @param unit such as {@code bytes}
   */
  record ExceededLimit(String limit, String unit, long allowed, long used) implements ErrorContext {
    /** The name of the time limit of a run. */
    public static final String TIME = "time";

    @Override
    public Document document() {
      return Document.of(
          "{\"limit\":\"%s\",\"unit\":\"%s\",\"allowed\":%d,\"used\":%d}"
              .formatted(limit, unit, allowed, used));
    }
  }
}
