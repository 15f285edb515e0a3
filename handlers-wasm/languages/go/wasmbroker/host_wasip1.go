package wasmbroker

import "unsafe"

//go:wasmimport wasm_broker_v1 read_input
func importReadInput(into unsafe.Pointer, capacity uint32) int32

//go:wasmimport wasm_broker_v1 write_output
func importWriteOutput(from unsafe.Pointer, length uint32) int32

//go:wasmimport wasm_broker_v1 log
func importLog(level int32, message unsafe.Pointer, messageLength uint32, fields unsafe.Pointer, fieldsLength uint32) int32

//go:wasmimport wasm_broker_v1 get_time
func importGetTime(clock int32) int64

//go:wasmimport wasm_broker_v1 http_request
func importHTTP(op, handle int32, at unsafe.Pointer, length uint32) int32

//go:wasmimport wasm_broker_v1 read_secret
func importReadSecret(name unsafe.Pointer, nameLength uint32, into unsafe.Pointer, capacity uint32) int32

func at(bytes []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(bytes)) }

func text(of string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(of)) }

func hostReadInput(into []byte) int32 { return importReadInput(at(into), uint32(len(into))) }

func hostWriteOutput(from []byte) int32 { return importWriteOutput(at(from), uint32(len(from))) }

func hostLog(level int32, message string, fields []byte) int32 {
	return importLog(level, text(message), uint32(len(message)), at(fields), uint32(len(fields)))
}

func hostGetTime(clock int32) int64 { return importGetTime(clock) }

func hostHTTP(op, handle int32, bytes []byte) int32 {
	return importHTTP(op, handle, at(bytes), uint32(len(bytes)))
}

func hostReadSecret(name string, into []byte) int32 {
	return importReadSecret(text(name), uint32(len(name)), at(into), uint32(len(into)))
}
