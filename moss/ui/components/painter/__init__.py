"""The roll of notes to draw on."""
