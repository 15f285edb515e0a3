// Package wasmbroker lets step handlers of the WASM broker be written in Go.
//
//	func main() { wasmbroker.Main(run) }
//
//	func run(step *wasmbroker.Step) (any, error) {
//		var order Order
//		if err := step.ReadContext(&order); err != nil {
//			return nil, err
//		}
//		...
//		return Total{NetCents: net}, nil
//	}
//
// Build it with GOOS=wasip1 GOARCH=wasm. Each step runs in a fresh instance: no variable remembers an earlier step. On any
// other platform the host is replaced, so that go test needs no broker: see Run and ProvideSecret.
package wasmbroker

import (
	"encoding/json"
	"errors"
	"time"
)

// Handler runs one step. What it returns becomes the result, as JSON; a *Checkpoint saves the progress instead. An error that
// is, or wraps, a *Failure says how the step failed; any other error is a final failure of the type "failed".
type Handler func(step *Step) (any, error)

// Step is the step document.
type Step struct {
	Info       StepInfo                   `json:"step"`
	Task       TaskInfo                   `json:"task"`
	Config     json.RawMessage            `json:"config"`
	Context    json.RawMessage            `json:"context"`
	Deps       map[string]json.RawMessage `json:"deps"`
	Previous   json.RawMessage            `json:"prev"`
	Checkpoint json.RawMessage            `json:"checkpoint"`
}

// StepInfo says which step it is.
type StepInfo struct {
	StepUUID      string `json:"step_uuid"`
	TaskUUID      string `json:"task_uuid"`
	CorrelationID string `json:"correlation_id"`
	Name          string `json:"name"`
	Handler       string `json:"handler"`
	Attempt       int    `json:"attempt"`
	MaxAttempts   int    `json:"max_attempts"`
	DeadlineMS    int64  `json:"deadline_ms"`
}

// TaskInfo says which task the step belongs to.
type TaskInfo struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Version   string `json:"version"`
}

// Checkpoint is the progress of a long step: a fresh instance finds it in Step.Checkpoint.
type Checkpoint struct {
	Cursor         any   `json:"cursor"`
	ItemsProcessed int64 `json:"items_processed"`
	Accumulated    any   `json:"accumulated_results,omitempty"`
}

// Failure is why a step failed.
type Failure struct {
	Type       string        // for programs
	Message    string        // for people
	Retryable  bool          // whether another attempt may help
	RetryAfter time.Duration // the earliest sensible retry; 0 leaves it to the broker
	Code       string
}

func (f *Failure) Error() string { return f.Type + ": " + f.Message }

// Permanent is a failure that no other attempt can mend.
func Permanent(kind, message string) *Failure { return &Failure{Type: kind, Message: message} }

// Retryable is a failure after which another attempt may succeed.
func Retryable(kind, message string) *Failure {
	return &Failure{Type: kind, Message: message, Retryable: true}
}

// ReadConfig reads the configuration; if it does not fit, the error is a failure of the type invalid_config.
func (s *Step) ReadConfig(into any) error { return read(s.Config, into, "invalid_config") }

// ReadContext reads the context, the task's input; if it does not fit, the error is a failure of the type invalid_input.
func (s *Step) ReadContext(into any) error { return read(s.Context, into, "invalid_input") }

// ReadCheckpoint reads the progress of an earlier run and says whether there is any.
func (s *Step) ReadCheckpoint(into *Checkpoint) (bool, error) {
	if len(s.Checkpoint) == 0 || string(s.Checkpoint) == "null" {
		return false, nil
	}
	return true, read(s.Checkpoint, into, "invalid_checkpoint")
}

func read(from json.RawMessage, into any, kind string) error {
	if len(from) == 0 {
		from = json.RawMessage("null")
	}
	if err := json.Unmarshal(from, into); err != nil {
		return Permanent(kind, err.Error())
	}
	return nil
}

// Run is what a handler makes of a step document: the result document. Tests call it.
func Run(handler Handler, document []byte) []byte {
	var step Step
	if err := json.Unmarshal(document, &step); err != nil {
		return failed(Permanent("invalid_step_document", err.Error()))
	}
	result, err := handler(&step)
	if err != nil {
		return failed(err)
	}
	if checkpoint, ok := result.(*Checkpoint); ok {
		return encode(struct {
			Status string `json:"status"`
			*Checkpoint
		}{"checkpoint", checkpoint})
	}
	return encode(struct {
		Status string `json:"status"`
		Result any    `json:"result"`
	}{"completed", result})
}

func failed(err error) []byte {
	var failure *Failure
	if !errors.As(err, &failure) {
		failure = Permanent("failed", err.Error())
	}
	type document struct {
		Type         string `json:"type"`
		Message      string `json:"message"`
		Retryable    bool   `json:"retryable"`
		RetryAfterMS int64  `json:"retry_after_ms,omitempty"`
		Code         string `json:"code,omitempty"`
	}
	return encode(struct {
		Status string   `json:"status"`
		Error  document `json:"error"`
	}{"failed", document{failure.Type, failure.Message, failure.Retryable, failure.RetryAfter.Milliseconds(), failure.Code}})
}

func encode(document any) []byte {
	bytes, err := json.Marshal(document)
	if err != nil {
		return failed(Permanent("invalid_result", err.Error()))
	}
	return bytes
}
