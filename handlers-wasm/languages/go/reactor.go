//go:build wasmbroker_reactor

package main

import "conformance/wasmbroker"

func init() { wasmbroker.Main(run) }
