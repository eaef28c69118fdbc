"""The player of one sound."""
