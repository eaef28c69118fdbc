"""How MOSS works, in pictures."""
