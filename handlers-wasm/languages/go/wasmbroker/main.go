//go:build !wasmbroker_reactor

package wasmbroker

import "os"

// Main runs the step, as a command: it is all that func main does.
func Main(handler Handler) {
	document, err := readAll(4096, hostReadInput)
	if err != nil {
		panic(err)
	}
	if _, err := os.Stdout.Write(Run(handler, document)); err != nil {
		panic(err)
	}
}
