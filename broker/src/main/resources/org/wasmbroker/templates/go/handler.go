// The total of an order: prices times quantities, and the tax on them.
package main

import (
	"fmt"

	"{{crate}}/wasmbroker"
)

const maxCents = 1_000_000_000_000

// Config is what whoever uses the handler has set.
type Config struct {
	TaxPercent int64 `json:"tax_percent"`
}

// Order is the step's context: what it works on.
type Order struct {
	Lines []Line `json:"lines"`
}

// Line is one line of an order.
type Line struct {
	Item       string `json:"item"`
	PriceCents int64  `json:"price_cents"`
	Quantity   int64  `json:"quantity"`
}

// Total is the result.
type Total struct {
	NetCents   int64 `json:"net_cents"`
	TaxCents   int64 `json:"tax_cents"`
	TotalCents int64 `json:"total_cents"`
}

func main() { wasmbroker.Main(run) }

func run(step *wasmbroker.Step) (any, error) {
	var config Config
	if err := step.ReadConfig(&config); err != nil {
		return nil, err
	}
	var order Order
	if err := step.ReadContext(&order); err != nil {
		return nil, err
	}
	if len(order.Lines) == 0 {
		return nil, wasmbroker.Permanent("no_lines", "the order has no lines")
	}
	var net int64
	for _, line := range order.Lines {
		if line.PriceCents < 0 || line.Quantity < 0 {
			return nil, wasmbroker.Permanent("invalid_input", fmt.Sprintf("%q has a negative number", line.Item))
		}
		if line.Quantity > 0 && line.PriceCents > (maxCents-net)/line.Quantity {
			return nil, wasmbroker.Permanent("too_much", fmt.Sprintf("the total is too large at %q", line.Item))
		}
		net += line.PriceCents * line.Quantity
	}
	tax := net * config.TaxPercent / 100
	wasmbroker.Log(wasmbroker.LevelInfo, "lines added up", map[string]any{"lines": len(order.Lines)})
	return Total{NetCents: net, TaxCents: tax, TotalCents: net + tax}, nil
}
