"""An animation of palette indices becomes a GIF in memory."""

import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from moss.parallel import check_cancelled
from moss.render.style import TRANSPARENT, palette


def encode_gif(frames: Iterable[np.ndarray], durations_ms: Sequence[int]) -> bytes:
    """Return a GIF that loops for ever, in the colours of `style.palette`.

    What does not change from one frame to the next is transparent and costs next to nothing.
    A frame that looks like the one before lengthens it, as a GIF's writer would drop it.

    Args:
        frames: uint8 indices (height, width), none of them TRANSPARENT.
        durations_ms: as many, multiples of 10.

    Raises
    ------
        ValueError: no frames, or not as many durations.
    """
    colours = palette().tobytes()
    images, lasting, before = [], [], None
    for frame, duration_ms in zip(frames, durations_ms, strict=True):
        check_cancelled()
        if before is not None and np.array_equal(frame, before):
            lasting[-1] += duration_ms
            continue
        drawn = frame if before is None else np.where(frame == before, TRANSPARENT, frame)
        image = Image.fromarray(drawn.astype(np.uint8))
        image.putpalette(colours)
        if before is not None:
            image.info["transparency"] = TRANSPARENT
        images.append(image)
        lasting.append(duration_ms)
        before = frame
    if not images:
        raise ValueError("an animation needs a frame")
    encoded = io.BytesIO()
    images[0].save(
        encoded,
        "GIF",
        save_all=True,
        append_images=_wanted(images[1:]),
        duration=lasting,
        loop=0,
        disposal=1,
        optimize=False,
    )
    return encoded.getvalue()


def _wanted(images):
    for image in images:
        check_cancelled()
        yield image
