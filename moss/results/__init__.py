"""A result as files: what they are called, how they are written and read again."""
