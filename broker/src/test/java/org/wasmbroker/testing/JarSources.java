package org.wasmbroker.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** What the broker's jar is made of besides its classes: the resources of broker/pom.xml. */
public final class JarSources {
  private static final String TARGET = "${project.build.directory}";
  private static final String CHECKOUT = "${project.basedir}/../";

  private JarSources() {}

  /**
   * A file for each entry, which may have any name where the entry has a star or is a directory:
   * relative to the checkout. What the build itself fetches is left out.
   */
  public static List<Path> examples() {
    var examples = new ArrayList<Path>();
    for (var resource : elements(pom(), "resource")) {
      var directory = elements(resource, "directory").getFirst().getTextContent();
      if (directory.startsWith(TARGET)) {
        continue;
      }
      var path =
          directory.startsWith(CHECKOUT)
              ? Path.of(directory.substring(CHECKOUT.length()))
              : Path.of("broker", directory);
      var includes = elements(resource, "include");
      if (includes.isEmpty()) {
        examples.add(path.resolve("any"));
      }
      for (var include : includes) {
        examples.add(path.resolve(include.getTextContent().replace("*", "any")));
      }
    }
    return List.copyOf(examples);
  }

  private static Element pom() {
    try {
      return DocumentBuilderFactory.newDefaultNSInstance()
          .newDocumentBuilder()
          .parse(Path.of("pom.xml").toFile())
          .getDocumentElement();
    } catch (IOException | SAXException | ParserConfigurationException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static List<Element> elements(Element within, String name) {
    var nodes = within.getElementsByTagNameNS("*", name);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(nodes::item)
        .map(Element.class::cast)
        .toList();
  }
}
