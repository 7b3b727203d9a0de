"""How .NET writes and reads numbers, dates and time spans; pure functions on plain values, no locale of the machine."""
