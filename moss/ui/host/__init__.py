"""What all visitors of a page share: turns, room, files and their results."""
