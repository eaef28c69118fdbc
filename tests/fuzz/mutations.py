"""What can happen to a file: each mutation takes a file and gives it back changed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.fuzz.fields import LENGTHS, SIZES, Field, places, sealed
from tests.fuzz.originals import Original, originals

Mutation = Callable[[np.random.Generator, Original], Original]
SUFFIXES = (".png", ".jpg", ".gif", ".tiff", ".wav", ".mp3", ".ogg", ".m4a", ".mp4", ".txt", "")
# Nothing, the most and the least of numbers with and without a sign, a huge float and no number.
EXTREMES = [
    *(bytes.fromhex(digits) for digits in ("00", "ff", "7f", "80", "0000", "ffff", "7fff", "ff7f")),
    *(bytes.fromhex(digits) for digits in ("00000000", "ffffffff", "7fffffff", "ffffff7f")),
    *(bytes.fromhex(digits) for digits in ("00000080", "ffff7f7f", "0000c07f", "ffffffffffffef7f")),
]


def flipped(rng: np.random.Generator, data: bytes, count: int, end: int) -> bytes:
    """Return `data` with `count` bits turned over, all before the byte `end`."""
    out = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(0, min(end, len(out)), count)
    out[at] ^= (1 << rng.integers(0, 8, count)).astype(np.uint8)
    return out.tobytes()


def some_block(rng: np.random.Generator, data: bytes) -> tuple[int, int]:
    """Return where a block of 1 byte to a quarter of the file begins and ends."""
    longest = max(2, len(data) // 4)
    length = int(longest ** rng.uniform(0, 1))  # short ones as often as long ones
    start = int(rng.integers(0, max(1, len(data) - length)))
    return start, start + length


def bits_of_the_header(rng, file):
    end = int(rng.choice([64, 128, 256, 512]))
    return _with(file, flipped(rng, file.data, int(rng.integers(1, 9)), end))


def bits_of_the_body(rng, file):
    return _with(file, flipped(rng, file.data, int(rng.integers(1, 65)), len(file.data)))


def random_block(rng, file):
    start, end = some_block(rng, file.data)
    return _with(file, file.data[:start] + rng.bytes(end - start) + file.data[end:])


def zeros(rng, file):
    start, end = some_block(rng, file.data)
    return _with(file, file.data[:start] + bytes(end - start) + file.data[end:])


def cut(rng, file):
    return _with(file, file.data[: int(rng.integers(1, max(2, len(file.data))))])


def extreme_words(rng, file):
    out = bytearray(file.data)
    end = int(rng.choice([64, 512, len(out)]))
    for _ in range(int(rng.integers(1, 17))):
        word = EXTREMES[int(rng.integers(len(EXTREMES)))]
        at = int(rng.integers(0, min(end, len(out)))) // len(word) * len(word)
        out[at : at + len(word)] = word
    return _with(file, bytes(out))


def length_field(rng, file):
    return _changed(rng, file, LENGTHS[file.format])


def size_field(rng, file):
    return _changed(rng, file, SIZES[file.format])


def size_fields(rng, file):
    return size_field(rng, size_field(rng, file))


def block_twice(rng, file):
    start, end = some_block(rng, file.data)
    return _with(file, file.data[:end] + file.data[start:])


def block_gone(rng, file):
    start, end = some_block(rng, file.data)
    return _with(file, file.data[:start] + file.data[end:])


def blocks_swapped(rng, file):
    start, end = some_block(rng, file.data)
    later = int(rng.integers(end, len(file.data) + 1))
    block, between = file.data[start:end], file.data[end:later]
    return _with(file, file.data[:start] + between + block + file.data[later:])


def junk_before(rng, file):
    return _with(file, rng.bytes(int(rng.integers(1, 2000))) + file.data)


def another_behind(rng, file):
    return _with(file, file.data + _another(rng, file).data)


def another_before(rng, file):
    return _with(file, _another(rng, file).data + file.data)


def wrong_suffix(rng, file):
    return replace(file, suffix=str(rng.choice([s for s in SUFFIXES if s != file.suffix])))


def two_at_once(rng, file):
    first, second = rng.choice([m for m in MUTATIONS if m is not two_at_once], 2)
    return second(rng, first(rng, file))


MUTATIONS: tuple[Mutation, ...] = (
    bits_of_the_header,
    bits_of_the_body,
    random_block,
    zeros,
    cut,
    extreme_words,
    length_field,
    size_field,
    size_fields,
    block_twice,
    block_gone,
    blocks_swapped,
    junk_before,
    another_behind,
    another_before,
    wrong_suffix,
    two_at_once,
)


def mutated(rng: np.random.Generator, file: Original) -> tuple[str, Original]:
    """Return the name of some mutation and what it makes of `file`.

    Half of the time checksums are made right again, so that readers look behind them.
    """
    mutation = MUTATIONS[int(rng.integers(len(MUTATIONS)))]
    changed = mutation(rng, file)
    if rng.random() < 0.5:
        changed = _with(changed, sealed(changed.data))
    return mutation.__name__.replace("_", " "), changed


def _with(file, data):
    return replace(file, data=data)


def _changed(rng, file, fields: list[Field]):
    """Give some field of the file another value; flip bits of its header where it has none."""
    found = [(field, at) for field in fields if (at := places(file.data, field))]
    if not found:
        return bits_of_the_header(rng, file)
    field, at = found[int(rng.integers(len(found)))]
    start = int(rng.choice(at))
    end = start + field.width
    most = 256**field.width - 1
    before = int.from_bytes(file.data[start:end], field.order)
    values = [0, 1, before - 1, before + 1, 10 * before, 12_000, 100_000, most // 2, most - 1, most]
    value = values[int(rng.integers(len(values)))] & most
    return _with(
        file, file.data[:start] + value.to_bytes(field.width, field.order) + file.data[end:]
    )


def _another(rng, file):
    formats = [name for name in originals() if name != file.format]
    kinds = originals()[str(rng.choice(formats))]
    return kinds[int(rng.integers(len(kinds)))]
