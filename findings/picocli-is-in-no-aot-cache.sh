#!/usr/bin/env bash
# picocli 4.7.7 is compiled for Java 5, and the JDK's AOT cache (25.0.3) takes no class of so old a format that was used in the training run. So of a
# program that is made for a fast start the command line stays outside: each of picocli's classes is read from the jar and verified at every start, and so
# is each class of the program that implements one of picocli's interfaces, however new its own format. The rest comes from the cache. The JVM says so
# only while it makes the cache, a line for each class: "Old class has been linked".
# Needs a JDK 25 (JAVA_HOME or PATH) and Maven.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
cat >"$dir/pom.xml" <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>info.picocli</groupId><artifactId>picocli</artifactId><version>4.7.7</version>
  </dependency></dependencies>
</project>
XML
mvn -q -B -f "$dir/pom.xml" dependency:build-classpath -Dmdep.outputFile="$dir/classpath" >/dev/null
mkdir "$dir/src"
cat >"$dir/src/Greet.java" <<'JAVA'
import picocli.CommandLine;
import picocli.CommandLine.*;

@Command(name = "greet", versionProvider = Greet.Version.class)
public class Greet implements Runnable {
  @Option(names = "--name") String name;

  record Greeting(String text) {}

  static class Version implements IVersionProvider {
    public String[] getVersion() { return new String[] {"1"}; }
  }

  public void run() { System.out.println(new Greeting("hello " + name).text()); }

  public static void main(String[] args) { System.exit(new CommandLine(new Greet()).execute(args)); }
}
JAVA
"${java}c" -proc:none -cp "$(cat "$dir/classpath")" -d "$dir/classes" "$dir/src/Greet.java"
"${java%java}jar" --create --file "$dir/greet.jar" -C "$dir/classes" .
program=(-cp "$dir/greet.jar:$(cat "$dir/classpath")" Greet --name Ada)
"$java" -XX:AOTCacheOutput="$dir/aot" "${program[@]}" >"$dir/training" 2>&1
"$java" -XX:AOTCache="$dir/aot" -Xlog:class+load:file="$dir/load.log" "${program[@]}" >"$dir/out"

# from WHERE REGEX: how many classes that match were loaded from there.
from() { awk -v where="$1" -v name="$2" '$0 ~ "] " name " source: " where' "$dir/load.log" | wc -l; }
cat "$dir/out"
{
  echo "Greet and Greet\$Greeting from the cache: $(from 'shared objects file' 'Greet([$]Greeting)?')"
  echo "Greet\$Version from the cache: $(from 'shared objects file' 'Greet[$]Version')"
  echo "picocli from the cache: $(from 'shared objects file' 'picocli[.][^ ]*')"
  [ "$(from 'file:' 'picocli[.][^ ]*')" -ge 100 ] && echo "picocli from the jar: 100 or more"
  [ "$(grep -c 'Skipping picocli/.*: Old class has been linked' "$dir/training")" -ge 100 ] && echo "picocli skipped in training: 100 or more"
  grep -o 'Skipping Greet.*' "$dir/training"
} | tee "$dir/seen"
diff "$dir/seen" - <<'TEXT'
Greet and Greet$Greeting from the cache: 2
Greet$Version from the cache: 0
picocli from the cache: 0
picocli from the jar: 100 or more
picocli skipped in training: 100 or more
Skipping Greet$Version: Old class has been linked
TEXT
