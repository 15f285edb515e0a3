//go:build wasmbroker_reactor

package wasmbroker

// Built with -tags wasmbroker_reactor -buildmode=c-shared, a handler is a reactor: the broker calls the exported run, and func
// main is not called. So the handler is given in func init:
//
//	func init() { wasmbroker.Main(run) }
var registered Handler

// Main says which handler the exported function runs.
func Main(handler Handler) { registered = handler }

//go:wasmexport run
func exportedRun() int32 {
	document, err := readAll(4096, hostReadInput)
	if err != nil || hostWriteOutput(Run(registered, document)) != 0 {
		return 1
	}
	return 0
}
