package org.wasmbroker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.step.Document;

class CapabilityDiffTest {
  private static Manifest manifest(String members) {
    var rest = members.isEmpty() ? "" : "," + members.replace('\'', '"');
    var document = Document.of("{\"name\":\"a\",\"version\":\"1.0.0\",\"abi\":\"1\"" + rest + "}");
    return ManifestReader.read(document, ManifestReader.identify(document, "x"), "x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      emptyValue = "",
      value = {
        "'capabilities':{'http':['https://a.example/v1']} | 'capabilities':{'http':['GET"
            + " https://a.example/v1/x']} | []",
        "'capabilities':{'http':['https://a.example']} | 'capabilities':{'http':['GET,POST"
            + " https://a.example']} | [http: requests to POST https://a.example/]",
        "'capabilities':{'http':['https://a.example']} | 'capabilities':{'http':['*"
            + " https://a.example']} | [http: requests to * https://a.example/]",
        "'capabilities':{'http':['https://a.example']} |"
            + " 'capabilities':{'http':['https://*.example']} | [http: requests to GET,HEAD"
            + " https://*.example/]",
        "'capabilities':{} | 'capabilities':{'secrets':['b','a']} | [secrets: the secret a,"
            + " secrets: the secret b]",
        "'capabilities':{'secrets':['*']} | 'capabilities':{'secrets':['b']} | []",
        "'capabilities':{'secrets':['b']} | 'capabilities':{'secrets':['*']} | [secrets: every"
            + " secret that the policy grants]",
        "'capabilities':{'host_functions':['log']} |"
            + " 'capabilities':{'host_functions':['http_request','get_time']} | [function: the host"
            + " function get_time, function: the host function http_request]",
        "'capabilities':{} | 'capabilities':{'cache':true} | [cache: a cache, in which its steps"
            + " keep data for each other]",
        "'capabilities':{'cache':true} | 'capabilities':{'cache':false} | []",
        "'resources':{'memory_bytes':65536} | 'resources':{'memory_bytes':65537} | [memory: 65537"
            + " bytes of memory instead of 65536 bytes of memory]",
        "'resources':{'memory_bytes':65536} | 'resources':{} | [memory: as much memory as the"
            + " operator allows instead of 65536 bytes of memory]",
        "'resources':{} | 'resources':{'memory_bytes':65536,'timeout_ms':1} | []",
        "'resources':{'timeout_ms':10} | 'resources':{'timeout_ms':11} | [time: 11 ms of time"
            + " instead of 10 ms of time]",
        "'resources':{'class':'small'} | 'resources':{'class':'large'} | [class: the resource class"
            + " large instead of small]",
        "'resources':{'class':'small'} | 'resources':{} | [class: the resource class of the"
            + " operator's choice instead of small]",
      })
  void whatIsAskedMoreIsNamed(String before, String after, String expected) {
    var added = CapabilityDiff.between(manifest(before), manifest(after)).added();
    assertThat(added.stream().map(one -> one.kind() + ": " + one.text()).toList())
        .hasToString(expected);
  }
}
