#!/usr/bin/env bash
# JDK 25.0.3 with -XX:TieredStopAtLevel=1, the usual advice for programs that are short: MessageDigest's SHA-256 has no intrinsic in the first compiler and
# stays compiled Java, on x86-64 with SHA extensions about ten times slower than by the second one. A program that checks a file of 30 MB at its start, as
# many do that unpack a native library, pays more for the check than for starting. CRC32 is native code from the first call on and costs the same with both.
# Compared is processor time of the same work, the least of several rounds; fails if SHA-256 loses less than a factor of 3 or CRC32 more than 2.
# Needs a JDK 25 (JAVA_HOME or PATH).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
cat >"$dir/Hash.java" <<'JAVA'
import java.lang.management.ManagementFactory;
import java.security.MessageDigest;
import java.util.zip.CRC32;

class Hash {
  static final byte[] CHUNK = new byte[16 << 10];

  public static void main(String[] args) throws Exception {
    System.out.println(least(() -> { var sha = MessageDigest.getInstance("SHA-256"); for (int i = 0; i < 1024; i++) sha.update(CHUNK); sha.digest(); })
        + " " + least(() -> { var crc = new CRC32(); for (int i = 0; i < 1024; i++) crc.update(CHUNK); crc.getValue(); }));
  }

  interface Work { void run() throws Exception; }

  static long least(Work work) throws Exception {
    var threads = ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 40; round++) {
      long start = threads.getCurrentThreadCpuTime();
      work.run();
      least = Math.min(least, threads.getCurrentThreadCpuTime() - start);
    }
    return least / 1000;
  }
}
JAVA
"$java" -version 2>&1 | head -n 1
read -r sha_both crc_both < <("$java" "$dir/Hash.java")
read -r sha_first crc_first < <("$java" -XX:TieredStopAtLevel=1 "$dir/Hash.java")
echo "16 MB, SHA-256: $sha_both µs with both compilers, $sha_first µs with the first alone; CRC32: $crc_both µs, $crc_first µs"
[ "$sha_first" -ge $((3 * sha_both)) ]
[ "$crc_first" -le $((2 * crc_both)) ]
