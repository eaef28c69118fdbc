"""What a person painted on the spectrogram: where the music stays and where the picture shows."""

import re
from dataclasses import dataclass

from moss.errors import InputError

MAX_WISHES = 300
EXAMPLE = "music 1.5-4 0-800; picture 6-8 2000-11025"

_NUMBER = r"(\d{1,6}(?:\.\d{0,9})?)"
_RANGE = rf"{_NUMBER}\s*-\s*{_NUMBER}"
_WISH = re.compile(rf"(music|picture)\s+{_RANGE}\s+{_RANGE}", re.ASCII)


@dataclass(frozen=True)
class Wish:
    """A rectangle of the spectrogram that is all music or all picture.

    Parameters
    ----------
    kind : {"music", "picture"}
        Which of them it is.
    start_s, end_s : float
        Its sides, in seconds from the start of the part.
    low_hz, high_hz : float
        Its lower and its upper edge, in hertz.
    """

    kind: str
    start_s: float
    end_s: float
    low_hz: float
    high_hz: float


def wishes_from(text: str) -> tuple[Wish, ...]:
    """Return the wishes that `text` spells, such as `EXAMPLE`; a later one wins over an earlier.

    Raises
    ------
    InputError
        For what is no wish, for an empty rectangle and for more than `MAX_WISHES`.
    """
    pieces = [piece.strip() for piece in text.split(";")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > MAX_WISHES:
        raise InputError(f"There are {len(pieces)} wishes; at most {MAX_WISHES} work.")
    return tuple(_wish(piece) for piece in pieces)


def _wish(piece: str) -> Wish:
    match = _WISH.fullmatch(piece)
    if not match:
        raise InputError(
            f"The wishes have {piece[:40]!r}; write what, seconds and hertz, as in {EXAMPLE!r}."
        )
    kind, *numbers = match.groups()
    wish = Wish(kind, *map(float, numbers))
    if not (wish.start_s < wish.end_s and wish.low_hz < wish.high_hz):
        raise InputError(
            f"The wishes have {piece[:40]!r}, which is empty; write the lesser number first, "
            f"as in {EXAMPLE!r}."
        )
    return wish
