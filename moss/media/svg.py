"""An SVG drawing becomes a PNG, in a process of its own that has little time and memory."""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from moss.errors import InputError

MAX_SVG_BYTES = 16 * 2**20
SIDE = 2048  # pixels of the longer side: a spectrogram shows no more
TIMEOUT_S = 20.0
HEAD_BYTES = 65536  # what may precede the drawing: comments and declarations
SVG = re.compile(rb"<(\w+:)?svg[\s>]")
NUMBER = re.compile(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(?:px|pt|pc|mm|cm|in|em|ex)?\s*")
INSIDE = ("#", "data:image/")  # what a drawing may refer to: itself
RASTERISE = Path(__file__).with_name("rasterise.py")


def is_svg(raw: BinaryIO) -> bool:
    """Return whether a file begins as SVG does; it is read from its beginning afterwards."""
    head = raw.read(HEAD_BYTES)
    raw.seek(0)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and bool(SVG.search(head))


def rasterised(raw: BinaryIO, name: str) -> tuple[BinaryIO, bool]:
    """Return the drawing as PNG, and whether it refers to files, which are left out.

    Its longer side has 2048 pixels. resvg has no scripts and no network, but reads every local
    picture that a drawing refers to, and ends its whole process where it has too little memory.

    Raises
    ------
    InputError
        It is too large, no XML, or nothing that can be drawn in time.
    """
    data = raw.read(MAX_SVG_BYTES + 1)
    if len(data) > MAX_SVG_BYTES:
        raise InputError(
            f"{name} is a drawing of more than {MAX_SVG_BYTES // 2**20} MiB; save it as PNG."
        )
    try:
        drawing = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InputError(
            f"{name} is an SVG drawing that is damaged; save it again, or as PNG."
        ) from error
    left_out = _remove_links(drawing)
    side = "height" if _proportion_of(drawing) < 1 else "width"
    try:
        process = subprocess.run(
            [sys.executable, "-I", str(RASTERISE), side, str(SIDE)],
            input=ElementTree.tostring(drawing),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(
            f"{name} is an SVG drawing that cannot be drawn here; save it as PNG."
        ) from error
    return io.BytesIO(process.stdout), left_out


def _remove_links(drawing: ElementTree.Element) -> bool:
    """Take out whatever leads to a file from pictures; return whether there was any."""
    found = False
    for element in drawing.iter():
        # A link that a person could follow is no part of what is seen.
        if not isinstance(element.tag, str) or element.tag.rpartition("}")[2] == "a":
            continue
        for key, value in list(element.items()):
            if key.rpartition("}")[2] == "href" and not value.strip().startswith(INSIDE):
                del element.attrib[key]
                found = True
    return found


def _proportion_of(drawing: ElementTree.Element) -> float:
    """Return width / height as the drawing says them, 1 where it does not."""
    sides = [NUMBER.fullmatch(drawing.get(each, "")) for each in ("width", "height")]
    box = drawing.get("viewBox", "").replace(",", " ").split()
    try:
        if all(sides):
            width, height = (float(each[1]) for each in sides if each)
        else:
            width, height = map(float, box[2:4])
        return width / height
    except (ValueError, ZeroDivisionError):
        return 1.0
