package org.wasmbroker.document;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads one document of YAML or JSON into a tree, and refuses what different parsers could
 * understand differently: duplicate members, a second document, YAML aliases, values that JSON does
 * not have, text that is not UTF-8. Whatever the bytes are, the result is a tree or problems; all
 * problems after which the format can still be parsed are found at once.
 *
 * @param scalarsAsText whether every scalar is the text that was written, whatever YAML takes it
 *     for; otherwise scalars have their JSON types
 * @param positions whether problems name line and column. Without, reading costs less, which
 *     matters for the documents of guests.
 * @param maxBytes the size of the largest document that is read
 * @param maxDepth how many levels objects and arrays may be nested
 */
public record DocumentReader(
    Syntax syntax, boolean scalarsAsText, boolean positions, int maxBytes, int maxDepth) {

  /** The language of a document. */
  public enum Syntax {
    JSON,
    YAML
  }

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(Integer.MAX_VALUE)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final int MAX_REASON_LENGTH = 300;

  /** Typed values with their positions. */
  public DocumentReader(Syntax syntax, int maxBytes, int maxDepth) {
    this(syntax, false, true, maxBytes, maxDepth);
  }

  public DocumentReader withScalarsAsText() {
    return new DocumentReader(syntax, true, positions, maxBytes, maxDepth);
  }

  public DocumentReader withoutPositions() {
    return new DocumentReader(syntax, scalarsAsText, false, maxBytes, maxDepth);
  }

  /**
   * @param source what the document is called in its problems; empty if that is obvious
   */
  public ParsedDocument read(String source, byte[] bytes) {
    var document = new ParsedDocument(source, scalarsAsText);
    if (bytes.length > maxBytes) {
      document.problem("has %d bytes; at most %d are allowed".formatted(bytes.length, maxBytes));
      return document;
    }
    try (var parser = parser(text(bytes))) {
      new TreeBuilder(parser, document, this).build();
    } catch (TreeBuilder.AbortedException aborted) {
      // Its problem has been reported.
    } catch (CharacterCodingException notText) {
      document.problem("is not UTF-8");
    } catch (JacksonException broken) {
      report(broken, document);
    } catch (RuntimeException | StackOverflowError unexpected) {
      // Whatever a third-party parser throws becomes a problem of the document.
      document.problem(invalid(String.valueOf(unexpected)));
    }
    return document;
  }

  private JsonParser parser(String text) {
    return switch (syntax) {
      case JSON -> JSON.createParser(text);
      case YAML -> YAML.createParser(text);
    };
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private void report(JacksonException broken, ParsedDocument document) {
    var at = broken.getLocation();
    var message = invalid(String.valueOf(broken.getOriginalMessage()));
    if (positions && at != null && at.getLineNr() > 0) {
      document.problem(at.getLineNr(), Math.max(0, at.getColumnNr()), message);
    } else {
      document.problem(message);
    }
  }

  /** Parsers quote the document on indented lines, which may contain secrets. */
  private String invalid(String reason) {
    var lines = reason.lines().filter(line -> !line.startsWith(" ")).toList();
    return "is not valid %s: %s"
        .formatted(syntax, SafeText.sanitize(String.join(", ", lines), MAX_REASON_LENGTH));
  }
}
