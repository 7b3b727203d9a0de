"""The Logic Apps runtime: executes what `wdl` parses."""
