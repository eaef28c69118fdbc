"""What a sentence about a file may not be."""

import re

# What nobody wants to read: the inside of the program, a path, more than one sentence, and the
# page's words for what is a fault of ours.
UNSPEAKABLE = re.compile(
    r"Traceback|Errno|Exception|Error\b|\n|/|\. [A-Z]|<|\bNone\b|MOSS does not know"
)


def wrong_in(sentence: str, name: str) -> str:
    """Return what is wrong with a sentence about the file `name`, "" for nothing."""
    if name not in sentence:
        return "the sentence does not name the file"
    if not sentence.endswith("."):
        return "the sentence does not end with a full stop"
    found = UNSPEAKABLE.search(sentence.replace(name, ""))
    return f"the sentence has {found.group()!r}" if found else ""
