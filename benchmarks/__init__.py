"""What is measured, each with its own command: `python -m benchmarks.NAME`; `python -m benchmarks` runs them all."""
