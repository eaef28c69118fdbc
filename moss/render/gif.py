"""An animation of palette indices becomes a GIF in memory."""

import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from PIL import Image

from moss.parallel import check_cancelled
from moss.render.style import TRANSPARENT, palette

TICK_MS = 10  # a GIF counts time in hundredths of a second
FOR_EVER = 0  # as the number of times that it loops
KEEP_FRAME = 1  # the disposal that leaves a frame where the next one is transparent


def encode_gif(frames: Iterable[np.ndarray], durations_ms: Sequence[int]) -> bytes:
    """Return a GIF that loops for ever, in the colours of `style.palette`.

    What does not change from one frame to the next is transparent and costs next to nothing.
    A frame that looks like the one before lengthens it, as a GIF's writer would drop it.

    Parameters
    ----------
    frames : uint8 indices (height, width), none of them TRANSPARENT.
    durations_ms : as many, multiples of `TICK_MS`.

    Raises
    ------
    ValueError : no frames, or not as many durations.
    """
    colours = palette().tobytes()
    images: list[Image.Image] = []
    total_ms: list[int] = []
    previous: np.ndarray | None = None
    for frame, duration_ms in zip(frames, durations_ms, strict=True):
        check_cancelled()
        if previous is not None and np.array_equal(frame, previous):
            total_ms[-1] += duration_ms
            continue
        change = frame if previous is None else np.where(frame == previous, TRANSPARENT, frame)
        image = Image.fromarray(change.astype(np.uint8))
        image.putpalette(colours)
        if previous is not None:
            image.info["transparency"] = TRANSPARENT
        images.append(image)
        total_ms.append(duration_ms)
        previous = frame
    if not images:
        raise ValueError("an animation needs a frame")
    encoded = io.BytesIO()
    images[0].save(
        encoded,
        "GIF",
        save_all=True,
        append_images=_until_cancelled(images[1:]),
        duration=total_ms,
        loop=FOR_EVER,
        disposal=KEEP_FRAME,
        optimize=False,
    )
    return encoded.getvalue()


def _until_cancelled(images: Sequence[Image.Image]) -> Iterator[Image.Image]:
    """Yield `images`, and end the encoding where the work is cancelled."""
    for image in images:
        check_cancelled()
        yield image
