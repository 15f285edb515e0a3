import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;

/**
 * Raises the old classes of a jar to the format of Java 8, in place: {@code java RaiseClasses.java
 * JAR}. The AOT cache of the JVM takes no class before Java 6, and no class that implements an
 * interface of one, so each of them would be read and verified at every start
 * (docs/adr/0063-old-classes-are-raised.md). What a class does is unchanged: the newer format adds
 * only the frames by which a class is verified in one pass. The jar says of which classes that is
 * so, as their licence asks.
 */
final class RaiseClasses {
  private static final String NOTICE = "META-INF/raised-classes.txt";
  private static final int MAGIC = 0xCAFEBABE;
  private static final int OLDEST_IN_CACHE = ClassFile.JAVA_6_VERSION;

  private RaiseClasses() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("usage: java RaiseClasses.java JAR");
      System.exit(2);
    }
    TimeZone.setDefault(TimeZone.getTimeZone("UTC")); // times of a jar have no zone
    try (var jar = FileSystems.newFileSystem(Path.of(arguments[0]))) {
      var old = oldClasses(jar);
      if (old.isEmpty()) {
        return;
      }
      var time = Files.getLastModifiedTime(old.getFirst());
      for (var file : old) {
        raise(file);
      }
      var names = old.stream().map(file -> file.toString().substring(1)).sorted().toList();
      write(
          jar.getPath(NOTICE),
          ("These classes were changed after their compilation: their format was raised to that of Java 8.\n"
                  + String.join("\n", names)
                  + "\n")
              .getBytes(StandardCharsets.UTF_8),
          time);
    }
  }

  private static List<Path> oldClasses(FileSystem jar) throws IOException {
    var old = new ArrayList<Path>();
    Files.walkFileTree(
        jar.getPath("/"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.toString().endsWith(".class") && version(file) < OLDEST_IN_CACHE) {
              old.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return old;
  }

  private static int version(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var start = ByteBuffer.wrap(in.readNBytes(8));
      if (start.remaining() < 8 || start.getInt() != MAGIC) {
        throw new IOException(file + " is no class");
      }
      return start.getInt() & 0xffff; // below the minor version
    }
  }

  private static void raise(Path file) throws IOException {
    var time = Files.getLastModifiedTime(file);
    var classes = ClassFile.of(ClassHierarchyResolverOption.of(hierarchy(file.getRoot())));
    var old = classes.parse(Files.readAllBytes(file));
    var raised =
        classes.transformClass(
            old,
            ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                .andThen(
                    ClassTransform.endHandler(
                        builder -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0))));
    var errors = classes.verify(raised);
    if (!errors.isEmpty()) {
      throw new IOException(file + ": " + errors);
    }
    write(file, raised, time);
  }

  /** With a time of the jar, so that a jar of the same sources is the same. */
  private static void write(Path file, byte[] content, FileTime time) throws IOException {
    Files.write(file, content);
    Files.getFileAttributeView(file, BasicFileAttributeView.class).setTimes(time, time, time);
  }

  /** What a class extends is looked for in the jar, then in the JDK. */
  private static ClassHierarchyResolver hierarchy(Path jar) {
    return ClassHierarchyResolver.ofResourceParsing(
            (ClassDesc type) -> {
              var name = type.descriptorString();
              var file = jar.resolve(name.substring(1, name.length() - 1) + ".class");
              try {
                return Files.exists(file) ? Files.newInputStream(file) : null;
              } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
              }
            })
        .orElse(ClassHierarchyResolver.defaultResolver())
        .cached();
  }
}
