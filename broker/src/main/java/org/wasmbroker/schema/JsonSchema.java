package org.wasmbroker.schema;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.BasicDialectRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An untrusted JSON Schema, compiled once. An unusable one accepts every value; {@link
 * #compileError} says why. References are followed within the schema only. Without {@code $schema}
 * the dialect is draft 2020-12. A validation that would take more work than the value's size
 * warrants is reported as a problem of the value. Thread-safe.
 */
public final class JsonSchema {
  private static final int MAX_PROBLEMS = 5;
  private static final int MAX_PROBLEM_LENGTH = 300;

  /** Larger values are validated up to their first problem only, since there could be many. */
  private static final int MAX_FULL_CHECK_BYTES = 64 << 10;

  /** Keywords that refer to another schema. */
  private static final Set<String> REFERENCE_KEYWORDS =
      Set.of("$ref", "$dynamicRef", "$recursiveRef");

  /** Members whose content is data, not a schema. */
  private static final Set<String> DATA_KEYWORDS = Set.of("const", "enum", "default", "examples");

  /** Strings of any length, as results may have; numbers as doubles, which have a fixed size. */
  public static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .recyclerPool(JsonRecyclerPools.threadLocalPool())
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .build();

  /** Every dialect, with the keyword that charges the work. */
  private static final List<Dialect> BUDGETED_DIALECTS =
      Stream.of(
              Dialects.getDraft202012(),
              Dialects.getDraft201909(),
              Dialects.getDraft7(),
              Dialects.getDraft6(),
              Dialects.getDraft4())
          .map(dialect -> Dialect.builder(dialect).keyword(new WorkBudgetKeyword()).build())
          .toList();

  private static final SchemaRegistry REGISTRY = registry(false);
  private static final SchemaRegistry FAIL_FAST_REGISTRY = registry(true);

  /** The meta-schema of each dialect, as bundled with the validator. */
  private static final Map<SpecificationVersion, Schema> META_SCHEMAS =
      Stream.of(SpecificationVersion.values())
          .collect(Collectors.toMap(Function.identity(), JsonSchema::metaSchema));

  private record Compiled(Schema all, Schema failFast) {}

  private final @Nullable Compiled compiled;
  private final @Nullable String compileError;

  private JsonSchema(@Nullable Compiled compiled, @Nullable String compileError) {
    this.compiled = compiled;
    this.compileError = compileError;
  }

  /** Compiles the schema in a JSON document. */
  public static JsonSchema of(Document json) {
    try {
      return compile(JSON.readTree(json.bytes()));
    } catch (SchemaException | JacksonException | IllegalArgumentException e) {
      return new JsonSchema(
          null, SafeText.sanitize(String.valueOf(e.getMessage()), MAX_PROBLEM_LENGTH));
    }
  }

  /** Compiles a schema whose numbers may be of any size; see {@link #JSON}. */
  public static JsonSchema of(JsonNode json) {
    return of(Document.of(json.toString()));
  }

  private static JsonSchema compile(JsonNode json) {
    var compileError = compileError(json);
    return compileError == null
        ? new JsonSchema(
            new Compiled(compile(REGISTRY, json), compile(FAIL_FAST_REGISTRY, json)), null)
        : new JsonSchema(null, compileError);
  }

  /** Why the schema cannot be used, without a subject; null if it can. */
  public @Nullable String compileError() {
    return compileError;
  }

  /**
   * The first few problems of the value, a sentence each.
   *
   * @param size of the value's document, in bytes
   */
  public List<String> validate(JsonNode value, int size) {
    if (compiled == null) {
      return List.of();
    }
    try {
      var errors = WorkBudget.run(size, () -> compiled.failFast().validate(value));
      if (errors.isEmpty()) {
        return List.of();
      }
      if (size <= MAX_FULL_CHECK_BYTES) {
        errors = WorkBudget.run(size, () -> compiled.all().validate(value));
      }
      return errors.stream().map(JsonSchema::message).distinct().limit(MAX_PROBLEMS).toList();
    } catch (JacksonException
        | SchemaException
        | ArithmeticException
        | WorkBudget.ExceededException
        | StackOverflowError e) {
      // The work budget is exhausted, a number does not fit, or a pattern of nested alternatives
      // overflows the stack on a long text.
      return List.of(
          "cannot be checked: "
              + SafeText.sanitize(String.valueOf(e.getMessage()), MAX_PROBLEM_LENGTH));
    }
  }

  /** The first few problems of the value, a sentence each. */
  public List<String> validate(Document value) {
    if (compiled == null) {
      return List.of();
    }
    try {
      return validate(JSON.readTree(value.bytes()), value.size());
    } catch (JacksonException e) {
      // Valid JSON with a number of more digits than this parser reads.
      return List.of(
          "cannot be checked: " + SafeText.sanitize(e.getOriginalMessage(), MAX_PROBLEM_LENGTH));
    }
  }

  private static String message(Error error) {
    var where = error.getInstanceLocation().toString();
    var what = error.getMessage();
    return SafeText.sanitize(where.isEmpty() ? what : where + ": " + what, MAX_PROBLEM_LENGTH);
  }

  private static Schema compile(SchemaRegistry registry, JsonNode json) {
    var schema = registry.getSchema(WorkBudgetKeyword.instrument(json));
    schema.initializeValidators();
    return schema;
  }

  private static @Nullable String compileError(JsonNode json) {
    var version = SpecificationVersion.DRAFT_2020_12;
    var named = json.get("$schema");
    if (named != null) {
      var found =
          named.isString()
              ? SpecificationVersion.fromDialectId(named.stringValue())
              : Optional.<SpecificationVersion>empty();
      if (found.isEmpty()) {
        return "its $schema is not a supported dialect: "
            + SafeText.sanitize(named.toString(), 100);
      }
      version = found.orElseThrow();
    }
    var external = externalReference(json);
    if (external != null) {
      return "it refers to '%s'; only references within the schema, such as '#/$defs/x', are followed"
          .formatted(SafeText.sanitize(external, 100));
    }
    var dialect = Objects.requireNonNull(META_SCHEMAS.get(version));
    return dialect.validate(json).stream().findFirst().map(JsonSchema::message).orElse(null);
  }

  /**
   * The first reference to outside of the schema, or null. It is only for the message, since the
   * validator itself loads nothing.
   */
  private static @Nullable String externalReference(JsonNode json) {
    if (json.isArray()) {
      return json.valueStream()
          .map(JsonSchema::externalReference)
          .filter(Objects::nonNull)
          .findFirst()
          .orElse(null);
    }
    if (!json.isObject()) {
      return null;
    }
    for (var member : json.properties()) {
      var name = member.getKey();
      var value = member.getValue();
      if (REFERENCE_KEYWORDS.contains(name)
          && value.isString()
          && !value.stringValue().startsWith("#")) {
        return value.stringValue();
      }
      var found = DATA_KEYWORDS.contains(name) ? null : externalReference(value);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static SchemaRegistry registry(boolean failFast) {
    return SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12,
        registry ->
            registry
                .schemaCacheEnabled(false)
                .dialectRegistry(new BasicDialectRegistry(BUDGETED_DIALECTS))
                .schemaLoader(loader -> loader.block(address -> true))
                .schemaRegistryConfig(
                    SchemaRegistryConfig.builder()
                        .failFast(failFast)
                        .regularExpressionFactory(BoundedPattern::new)
                        .locale(Locale.ROOT)
                        .build()));
  }

  private static Schema metaSchema(SpecificationVersion version) {
    return SchemaRegistry.withDefaultDialect(version)
        .getSchema(SchemaLocation.of(version.getDialectId()));
  }
}
