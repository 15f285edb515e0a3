package org.wasmbroker.sandbox.wasmtime;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** A process that starts like the compiler's, and answers as its argument says. */
final class LyingCompiler {
  private LyingCompiler() {}

  public static void main(String[] arguments) throws IOException {
    var in = new DataInputStream(System.in);
    var out = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
    if (arguments[0].equals("not ready")) {
      System.err.println("the library is missing");
      System.exit(3);
    }
    out.write(CompilerMain.READY);
    in.readNBytes(in.readInt());
    switch (arguments[0]) {
      case "environment" -> answer(out, CompilerMain.REFUSED, System.getenv().keySet().toString());
      case "dies" -> Runtime.getRuntime().halt(9);
      case "dies of memory" -> {
        System.err.println("memory allocation of 64 bytes failed");
        Runtime.getRuntime().halt(134);
      }
      case "dies half way" -> {
        out.write(CompilerMain.CODE);
        out.writeLong(1000);
        out.writeLong(0);
        out.write(1);
        Runtime.getRuntime().halt(0);
      }
      case "giant" -> {
        out.write(CompilerMain.CODE);
        out.writeLong(Long.MAX_VALUE);
        out.writeLong(0);
        in.read();
      }
      case "negative" -> {
        out.write(CompilerMain.REFUSED);
        out.writeLong(-1);
        out.writeLong(0);
        in.read();
      }
      case "other kind" -> answer(out, (byte) '?', "content");
      case "wrong checksum" -> {
        out.write(CompilerMain.CODE);
        out.writeLong(4);
        out.writeLong(7);
        out.writeInt(1);
        in.read();
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void answer(DataOutputStream out, byte kind, String text) throws IOException {
    var content = text.getBytes(StandardCharsets.UTF_8);
    var checksum = new CRC32();
    checksum.update(content);
    out.write(kind);
    out.writeLong(content.length);
    out.writeLong(checksum.getValue());
    out.write(content);
    out.flush();
    System.in.read();
  }
}
