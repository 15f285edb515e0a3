// The guest of the conformance kit: does what config.do says (docs/conformance.md).
package main

import (
	"io"
	"time"

	"conformance/wasmbroker"
)

type config struct {
	Do           string            `json:"do"`
	Type         string            `json:"type"`
	Message      string            `json:"message"`
	Retryable    bool              `json:"retryable"`
	RetryAfterMS int64             `json:"retry_after_ms"`
	Items        int64             `json:"items"`
	Level        string            `json:"level"`
	Fields       map[string]any    `json:"fields"`
	Method       string            `json:"method"`
	URL          string            `json:"url"`
	Headers      map[string]string `json:"headers"`
	Text         string            `json:"text"`
	Name         string            `json:"name"`
}

var levels = []string{"trace", "debug", "info", "warn", "error"}

func main() { wasmbroker.Main(run) }

func run(step *wasmbroker.Step) (any, error) {
	var config config
	if err := step.ReadConfig(&config); err != nil {
		return nil, err
	}
	switch config.Do {
	case "echo":
		if step.Context == nil {
			return nil, nil
		}
		return step.Context, nil
	case "fail":
		return nil, &wasmbroker.Failure{Type: config.Type, Message: config.Message, Retryable: config.Retryable,
			RetryAfter: time.Duration(config.RetryAfterMS) * time.Millisecond}
	case "retry":
		if step.Info.Attempt < step.Info.MaxAttempts {
			return nil, wasmbroker.Retryable("again", "not yet")
		}
		return map[string]int{"attempts": step.Info.Attempt}, nil
	case "checkpoint":
		return checkpoint(step, config.Items)
	case "crash":
		panic("as config.do says")
	case "spin":
		for {
		}
	case "allocate":
		var all [][]byte
		for {
			all = append(all, make([]byte, 1<<20))
		}
	case "log", "log_all":
		for level, name := range levels {
			if config.Do == "log_all" || name == config.Level {
				wasmbroker.Log(wasmbroker.Level(level), config.Message, config.Fields)
			}
		}
		return nil, nil
	case "time":
		return map[string]int64{"wall_ms": time.Now().UnixMilli(), "elapsed_us": wasmbroker.Elapsed().Microseconds(),
			"remaining_ms": wasmbroker.Remaining().Milliseconds()}, nil
	case "http":
		return request(config)
	case "secret":
		value, err := wasmbroker.Secret(config.Name)
		if err != nil {
			return nil, wasmbroker.Permanent(err.Error(), "there is no secret")
		}
		return map[string]int{"length": len(value)}, nil
	}
	return nil, wasmbroker.Permanent("invalid_config", "config.do is unknown")
}

// checkpoint handles one item in each run.
func checkpoint(step *wasmbroker.Step, items int64) (any, error) {
	var done int64
	var sum struct {
		Sum int64 `json:"sum"`
	}
	before := wasmbroker.Checkpoint{Cursor: &done, Accumulated: &sum}
	resumed, err := step.ReadCheckpoint(&before)
	if err != nil {
		return nil, err
	}
	done++
	sum.Sum += done
	if done < items {
		return &wasmbroker.Checkpoint{Cursor: done, ItemsProcessed: done, Accumulated: sum}, nil
	}
	return map[string]any{"items": done, "sum": sum.Sum, "resumed": resumed}, nil
}

func request(config config) (any, error) {
	response, err := wasmbroker.Send(&wasmbroker.Request{Method: config.Method, URL: config.URL, Header: config.Headers, Text: config.Text})
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": response.Status, "body": string(body)}, nil
}
