"""What the Logic App does: workflow definitions as plain data."""
