package org.wasmbroker.plan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.plan.catalog.Fit.Verdict;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

class FitTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          {"type":"object"}                       | {}                                          | FITS
          {"type":"object"}                       | true                                        | FITS
          {}                                      | {"type":"object"}                           | MAY_FIT
          {"type":"string"}                       | {"type":"object"}                           | DOES_NOT_FIT
          {"type":"integer"}                      | {"type":"number"}                           | FITS
          {"type":"number"}                       | {"type":"integer"}                          | MAY_FIT
          {"type":["string","null"]}              | {"type":"string"}                           | MAY_FIT
          {"type":"object","required":["a"],"properties":{"a":{"type":"string"}}} | {"type":"object","required":["a"]} | FITS
          {"type":"object","properties":{"a":{"type":"string"}}} | {"type":"object","required":["a"]} | MAY_FIT
          {"type":"object","additionalProperties":false,"properties":{"b":{}}} | {"required":["a"]} | DOES_NOT_FIT
          {"type":"object","properties":{"a":{"type":"string"}}} | {"properties":{"a":{"type":"array"}}} | DOES_NOT_FIT
          {"type":"array","items":{"type":"string"}} | {"type":"array","items":{"type":"number"}} | DOES_NOT_FIT
          {"type":"string"}                       | {"type":"string","pattern":"^a"}            | MAY_FIT
          {"type":"string","pattern":"^a"}        | {"type":"string","pattern":"^a"}            | FITS
          {"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}} | {"type":"string"}              | FITS
          {"$ref":"https://elsewhere.example/a"}  | {"type":"string"}                           | MAY_FIT
          """)
  void tellsFromTwoSchemasWhetherOneFitsTheOther(String output, String input, Verdict verdict) {
    var json = JsonMapper.shared();

    var fit = Fit.of(json.readTree(output), json.readTree(input));

    assertThat(fit.verdict()).isEqualTo(verdict);
    assertThat(fit.reason()).isNotBlank();
  }

  @Test
  void aHandlerWithoutSchemasTakesEverything() {
    var none = JsonNodeFactory.instance.missingNode();

    assertThat(Fit.of(none, none).verdict()).isEqualTo(Verdict.FITS);
  }

  @Test
  void tellsWhichMemberDoesNotFit() {
    var json = JsonMapper.shared();
    var output =
        json.readTree("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}");
    var input =
        json.readTree("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"boolean\"}}}");

    assertThat(Fit.of(output, input).reason())
        .isEqualTo("the value.a is of type string, accepted: boolean");
  }
}
