"""What a visitor watches while a run works."""
