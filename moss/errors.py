"""What a person did wrong, told in one sentence."""


class MossError(Exception):
    """An expected failure whose text is one sentence that a person can act on."""


class InputError(MossError):
    """An input or a setting is wrong; the sentence says what is wrong and what would work."""


class OutputError(MossError):
    """A result cannot be written; the sentence says where and what would work."""
