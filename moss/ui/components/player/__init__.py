"""The player of a result."""
