package org.wasmbroker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.wasmbroker.concurrent.OutageLog;

/** Holds the code to the package table of docs/architecture.md. */
class ArchitectureTest {
  private static final String ROOT = "org.wasmbroker.";
  private static final Pattern ROW = Pattern.compile("\\| `([a-z.]+)` \\| (.+) \\| (.+) \\|");
  private static final String COMMON = "every package may import it";
  private static final Pattern NAME = Pattern.compile("`([a-z.]+)`");
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.wasmbroker");

  record Row(String name, boolean anything, boolean common, List<String> named) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> table() {
    return rows().values().stream();
  }

  @ParameterizedTest
  @MethodSource("table")
  void aPackageImportsOnlyWhatTheTableAllows(Row row) {
    var rule =
        row.anything()
            ? noClasses()
                .that()
                .resideInAPackage(ROOT + row.name())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(rooted(row.named()))
            : noClasses()
                .that()
                .resideInAPackage(ROOT + row.name())
                .should()
                .dependOnClassesThat(
                    resideInAPackage("org.wasmbroker..")
                        .and(not(resideInAPackage(ROOT + row.name())))
                        .and(not(resideInAnyPackage(rooted(row.named()))))
                        .and(not(resideInAnyPackage(rooted(common())))));
    rule.allowEmptyShould(true).check(CLASSES);
  }

  @Test
  void everyPackageIsInTheTable() {
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
        .allSatisfy(name -> assertThat(rows()).containsKey(name.substring(ROOT.length())));
  }

  /** So that there is one list of what a package may import. */
  @Test
  void packageDescriptionsLeaveImportsToTheTable() throws IOException {
    var sources = Path.of("src", "main", "java", "org", "wasmbroker");
    for (var row : rows().keySet()) {
      var description = sources.resolve(row.replace('.', '/')).resolve("package-info.java");
      if (Files.exists(description)) { // the rows of other modules have their own sources
        assertThat(Files.readString(description))
            .as("package-info of " + row)
            .doesNotContainPattern("(?i)\\b(may import|imports? \\{@code)");
      }
    }
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.wasmbroker.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nativeCodeIsCalledFromTheLibwasmtimeEngineOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.wasmbroker.sandbox.wasmtime")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor).*")
        .check(CLASSES);
  }

  /**
   * Others would die unseen; the exceptions have one task each, whose caller waits for it, or are
   * in the compiler's process, which they end.
   */
  @Test
  void threadsThatLiveLongAreStartedByOneMechanism() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.wasmbroker.concurrent", "org.wasmbroker.embedded..")
        .and()
        .doNotHaveFullyQualifiedName("org.wasmbroker.egress.DnsResolver")
        .and()
        .doNotHaveFullyQualifiedName("org.wasmbroker.execution.StepInvoker")
        .and()
        .doNotHaveFullyQualifiedName("org.wasmbroker.sandbox.wasmtime.CompilerProcess")
        .and()
        .doNotHaveFullyQualifiedName("org.wasmbroker.sandbox.wasmtimejava.FirstCompiler")
        .and()
        .doNotHaveFullyQualifiedName("org.wasmbroker.sandbox.wasmtime.CompilerMain")
        .should()
        .callMethod(Thread.class, "ofPlatform")
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .orShould()
        .callConstructor(Thread.class, Runnable.class, String.class)
        .check(CLASSES);
  }

  @Test
  void sqlStaysInItsPackages() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "org.wasmbroker.pgmq",
            "org.wasmbroker.pgmq.upkeep",
            "org.wasmbroker.brokerschema",
            "org.wasmbroker.rollout.state",
            "org.wasmbroker.protocol.standalone",
            "org.wasmbroker.protocol.standalone.deadletter",
            "org.wasmbroker.protocol.tasker.check",
            "org.wasmbroker.protocol.tasker.claim",
            "org.wasmbroker.protocol.tasker.events",
            "org.wasmbroker.protocol.tasker.recovery",
            "org.wasmbroker.protocol.tasker.registration",
            "org.wasmbroker.protocol.tasker.report",
            "org.wasmbroker.embedded",
            "org.wasmbroker.app")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql", "javax.sql", "org.postgresql..", "com.zaxxer..")
        .check(CLASSES);
  }

  @Test
  void flywayStaysWithTheTablesThatItMakes() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.wasmbroker.brokerschema")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.flywaydb..")
        .check(CLASSES);
  }

  @Test
  void micrometerStaysAtTheEdge() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.wasmbroker.telemetry.micrometer", "org.wasmbroker.app")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..")
        .check(CLASSES);
  }

  @Test
  void openTelemetryStaysInItsAdapter() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.wasmbroker.telemetry.otel")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.opentelemetry..")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    classes()
        .that()
        .haveSimpleName("package-info")
        .should()
        .beAnnotatedWith("org.jspecify.annotations.NullMarked")
        .check(CLASSES);
    var marked =
        CLASSES.stream()
            .filter(type -> type.getSimpleName().equals("package-info"))
            .map(JavaClass::getPackageName)
            .toList();
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct()).isSubsetOf(marked);
  }

  @Test
  void loggersArePrivateConstantsNamedLog() {
    fields()
        .that()
        .haveRawType(Logger.class)
        .and()
        .areNotDeclaredIn(OutageLog.class) // it logs for others
        .should()
        .haveName("log")
        .andShould()
        .bePrivate()
        .andShould()
        .beStatic()
        .andShould()
        .beFinal()
        .check(CLASSES);
  }

  private static List<String> common() {
    return rows().values().stream().filter(Row::common).map(Row::name).toList();
  }

  private static String[] rooted(List<String> packages) {
    return packages.stream().map(name -> ROOT + name).toArray(String[]::new);
  }

  private static Map<String, Row> rows() {
    var rows = new LinkedHashMap<String, Row>();
    for (var line : lines()) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        var named = NAME.matcher(row.group(3)).results().map(name -> name.group(1)).toList();
        boolean anything = row.group(3).startsWith("anything");
        rows.put(
            row.group(1), new Row(row.group(1), anything, row.group(2).endsWith(COMMON), named));
      }
    }
    assertThat(rows).as("the rows of the package table").hasSizeGreaterThan(15);
    return rows;
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(Path.of("..", "docs", "architecture.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
