package org.wasmbroker.conformance;

import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.wasmbroker.conformance.CaseOutcome.Verdict;

/** Outcomes as JUnit's XML, which CI systems show. */
public final class JunitReport {
  private JunitReport() {}

  /**
   * @param module what was run
   */
  public static String of(String module, List<CaseOutcome> outcomes) {
    var text = new StringWriter();
    try {
      var xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument();
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", "conformance");
      xml.writeAttribute("tests", String.valueOf(outcomes.size()));
      xml.writeAttribute("failures", count(outcomes, Verdict.FAILED));
      xml.writeAttribute("skipped", count(outcomes, Verdict.UNSUPPORTED));
      for (var outcome : outcomes) {
        write(xml, module, outcome);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException impossible) {
      throw new IllegalStateException(impossible);
    }
    return text + "\n";
  }

  private static void write(XMLStreamWriter xml, String module, CaseOutcome outcome)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", module);
    xml.writeAttribute("name", outcome.name());
    xml.writeAttribute("time", seconds(outcome.instantiation().plus(outcome.execution())));
    switch (outcome.verdict()) {
      case PASSED -> {}
      case UNSUPPORTED -> {
        xml.writeEmptyElement("skipped");
        xml.writeAttribute("message", String.valueOf(outcome.reason()));
      }
      case FAILED -> {
        xml.writeStartElement("failure");
        xml.writeAttribute("message", outcome.problems().getFirst());
        xml.writeCharacters(String.join("\n", outcome.problems()));
        xml.writeEndElement();
      }
    }
    xml.writeEndElement();
  }

  private static String count(List<CaseOutcome> outcomes, Verdict verdict) {
    return String.valueOf(outcomes.stream().filter(each -> each.verdict() == verdict).count());
  }

  private static String seconds(Duration duration) {
    return "%d.%06d".formatted(duration.toSeconds(), duration.toNanosPart() / 1000);
  }
}
