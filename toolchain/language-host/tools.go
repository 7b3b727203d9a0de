//go:build tools

// Package tools names the Python language host. It is of v3.79.0, the last version that lies in a module of the Go
// module proxy; it works with the engine of toolchain/pulumi.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
