//go:build !wasip1

package wasmbroker

import (
	"fmt"
	"os"
	"time"
)

var (
	started = time.Now()
	secrets = map[string]string{}
)

// ProvideSecret provides a secret in a test.
func ProvideSecret(name, value string) { secrets[name] = value }

func hostReadInput(into []byte) int32 { return int32(copy(into, "{}")) }

func hostWriteOutput(from []byte) int32 {
	fmt.Println(string(from))
	return 0
}

func hostLog(level int32, message string, fields []byte) int32 {
	fmt.Fprintln(os.Stderr, level, message, string(fields))
	return 0
}

func hostGetTime(clock int32) int64 {
	switch clock {
	case 0:
		return time.Now().UnixNano()
	case 1:
		return int64(time.Since(started))
	default:
		return int64(10 * time.Second)
	}
}

func hostHTTP(op, _ int32, bytes []byte) int32 {
	const refused = `{"type":"not_allowed","message":"a test sends no requests","retryable":false}`
	if op != 4 {
		return int32(Denied)
	}
	copy(bytes, refused)
	return int32(len(refused))
}

func hostReadSecret(name string, into []byte) int32 {
	value, ok := secrets[name]
	if !ok {
		return int32(Denied)
	}
	copy(into, value)
	return int32(len(value))
}
