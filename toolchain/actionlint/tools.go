//go:build tools

// Package tools names the linter that tests/test_workflows.py builds, so that go.mod and go.sum pin all it needs.
// The build tag keeps it out of every compilation: a main package cannot be imported.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
