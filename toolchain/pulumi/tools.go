//go:build tools

// Package tools names the command that scripts/install.py builds, so that go.mod and go.sum pin all it needs.
// The build tag keeps it out of every compilation: a main package cannot be imported.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
