"""The thesis's tables and figures, and our own benchmarks: whole questions, answered by a command."""
