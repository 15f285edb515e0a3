package main

import (
	"testing"

	"{{crate}}/wasmbroker"
)

// A handler is plain Go elsewhere, so go test needs neither broker nor WebAssembly.
func TestTaxIsAddedToTheLines(t *testing.T) {
	document := `{"step": {}, "config": {"tax_percent": 19},
		"context": {"lines": [{"item": "tea", "price_cents": 250, "quantity": 2}]}}`
	result := string(wasmbroker.Run(run, []byte(document)))
	expected := `{"status":"completed","result":{"net_cents":500,"tax_cents":95,"total_cents":595}}`
	if result != expected {
		t.Errorf("expected %s, was %s", expected, result)
	}
}
