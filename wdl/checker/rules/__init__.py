"""The warnings, by subject; each rule is one function (see `wdl.checker.rule`)."""
