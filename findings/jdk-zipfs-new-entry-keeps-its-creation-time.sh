#!/usr/bin/env bash
# A file that is created in a jar through the JDK's zip file system (25.0.3) carries, in its extended timestamp, when it was last accessed and created,
# and Files.setLastModifiedTime changes neither: two builds that set the same time make different jars. A file that was in the jar before and is
# replaced has no such times, so a tool that only replaces files is reproducible until it adds one. BasicFileAttributeView.setTimes with all three
# makes the jars the same.
# Needs a JDK 25 (JAVA_HOME or PATH).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
cat >"$dir/Put.java" <<'JAVA'
import java.nio.file.*;
import java.nio.file.attribute.*;
import java.util.*;

class Put {
  /** JAR, the file in it, whether all three times are set. */
  public static void main(String[] arguments) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    var time = FileTime.fromMillis(1_700_000_000_000L);
    try (var jar = FileSystems.newFileSystem(Path.of(arguments[0]), Map.of("create", "true"))) {
      var file = jar.getPath(arguments[1]);
      Files.writeString(file, "text");
      if (Boolean.parseBoolean(arguments[2])) {
        Files.getFileAttributeView(file, BasicFileAttributeView.class).setTimes(time, time, time);
      } else {
        Files.setLastModifiedTime(file, time);
      }
    }
  }
}
JAVA
"${java}c" -d "$dir" "$dir/Put.java"
put() { "$java" -cp "$dir" Put "$@"; }
same() { if cmp -s "$1" "$2"; then echo same; else echo different; fi; }

# An archive by another program, whose entry has no extended timestamp.
python3 - "$dir/base.jar" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as jar:
    jar.writestr(zipfile.ZipInfo("old.txt", (2026, 1, 1, 0, 0, 0)), "old")
PY
for copy in 1 2; do
  for kind in created replaced set; do cp "$dir/base.jar" "$dir/$kind$copy.jar"; done
  put "$dir/created$copy.jar" new.txt false
  put "$dir/replaced$copy.jar" old.txt false
  put "$dir/set$copy.jar" new.txt true
  sleep 1.1 # the times have seconds
done
{
  echo "a file is created, its modification time is set: $(same "$dir/created1.jar" "$dir/created2.jar")"
  echo "a file is replaced, its modification time is set: $(same "$dir/replaced1.jar" "$dir/replaced2.jar")"
  echo "a file is created, all its times are set: $(same "$dir/set1.jar" "$dir/set2.jar")"
} | tee "$dir/seen"
diff "$dir/seen" - <<'TEXT'
a file is created, its modification time is set: different
a file is replaced, its modification time is set: same
a file is created, all its times are set: same
TEXT
