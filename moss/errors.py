"""What a person did wrong, told in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager


class MossError(Exception):
    """An expected failure whose text is one sentence that a person can act on."""


class InputError(MossError):
    """An input or a setting is wrong; the sentence says what is wrong and what would work.

    Attributes
    ----------
    about : str or None
        "picture" or "audio" where one of these files is meant, otherwise None.
    """

    about: str | None = None


class OutputError(MossError):
    """A result cannot be written; the sentence says where and what would work."""


class TakenError(OutputError):
    """A folder of results would replace something, which the command line and Python allow."""

    def told(self, overwrite: str) -> str:
        """Return the sentence, in which `overwrite` is what allows it."""
        return (
            f"{self.args[0]} has something in it; choose another folder, or {overwrite} to "
            "replace it."
        )

    def __str__(self) -> str:
        """Return the sentence for Python."""
        return self.told("overwrite=True")


@contextmanager
def about(kind: str) -> Iterator[None]:
    """Say of an InputError raised inside which input it is about, such as "picture" or "audio"."""
    try:
        yield
    except InputError as error:
        error.about = kind
        raise
