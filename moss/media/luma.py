"""Decoded pixels of every mode become luma over a ground against which they are seen."""

import io
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

from moss.errors import InputError

EIGHT_BITS, TWELVE_BITS, SIXTEEN_BITS = 255, 4095, 65535  # white in grey of so many bits
BAND_PIXELS = 250_000  # of the largest pictures, whole copies would take gigabytes
MID_GREY = 0.5
MIN_IS_WHITE = 0  # TIFF's photometric interpretation
UNSIGNED, SIGNED = 1, 2  # TIFF's sample formats
# What a colour profile calls its space, and what Pillow calls it.
SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
COLOURS = {"1": "L", "L": "L", "LA": "L", "La": "L", "CMYK": "CMYK", "LAB": "LAB"}


def luma_of(picture: Image.Image, name: str) -> tuple[np.ndarray, bool]:
    """Return the luma of a decoded picture, and whether transparency lies over white.

    Colour becomes sRGB where the picture has a profile that can be used, and then Rec. 601 luma
    of the gamma-coded values. Grey of 12 and 16 bits keeps its precision and its profile is left
    alone. Signed grey and grey of 32 bits or floats, which has no fixed range, is scaled from its
    least to its greatest value. TIFFs whose least value is white are turned into positives.

    Transparency lies over black, which is silence, unless the ink would be lost there: where its
    mean luma, weighted by alpha, is less than half the share of the picture that is transparent, it
    lies over white. So black ink does always, and a drawing on an empty ground where it is darker
    than mid grey, while a dark photograph with a transparent border keeps its silent border.

    Parameters
    ----------
    picture : Image
        Decoded; its "transparency" is of its own bits.
    name : str
        What its file is called.

    Returns
    -------
    luma : array of float32, (rows, columns)
        In [0, 1], row 0 on top.
    over_white : bool
        Whether something transparent was laid over white.

    Raises
    ------
    InputError
        There are pixels that are not finite numbers.
    """
    luma = np.empty((picture.height, picture.width), np.float32)
    if _has_no_range(picture):
        scale = _scale_of(picture, name)
        for rows, band in _bands_of(picture):
            luma[rows] = scale(_numbers_of(band, picture))
        return _positive(luma, picture), False
    grey_of = _conversion_of(picture)
    covered = ink = 0.0
    for rows, band in _bands_of(picture):
        luma[rows] = grey_of(band)
        alpha = _alpha_of(band)
        if alpha is not None:
            luma[rows] *= alpha
            covered += float(alpha.sum(dtype=np.float64))
            ink += float(luma[rows].sum(dtype=np.float64))
    clear = 1 - covered / luma.size
    if not covered or ink >= MID_GREY * clear * covered:
        return _positive(luma, picture), False
    for rows, band in _bands_of(picture):
        alpha = _alpha_of(band)
        if alpha is not None:
            luma[rows] += 1 - alpha
    return luma, True


def _bands_of(picture: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Yield the picture in bands of rows, since every step copies all that it is given."""
    height = max(1, BAND_PIXELS // picture.width)
    for top in range(0, picture.height, height):
        bottom = min(top + height, picture.height)
        yield slice(top, bottom), picture.crop((0, top, picture.width, bottom))


def _tag(picture: Image.Image, tag: int, default: int) -> int:
    """Return the first value of a TIFF's tag, or the default for all that is no TIFF."""
    value = picture.tag_v2.get(tag) if isinstance(picture, TiffImagePlugin.TiffImageFile) else None
    if isinstance(value, tuple):
        value = value[0] if value else None
    return default if value is None else value


def _sample_format(picture: Image.Image) -> int:
    return _tag(picture, TiffImagePlugin.SAMPLEFORMAT, UNSIGNED)


def _has_no_range(picture: Image.Image) -> bool:
    signed_bytes = picture.mode == "L" and _sample_format(picture) == SIGNED
    return picture.mode in ("I", "F") or signed_bytes


def _numbers_of(band: Image.Image, picture: Image.Image) -> np.ndarray:
    """Return float64 of a band of grey that has no range, with the sign that it was stored with."""
    values = np.asarray(band)
    if picture.mode == "L":
        values = values.view(np.int8)
    elif picture.mode == "I" and _sample_format(picture) == UNSIGNED:
        # Pillow holds 32 bits as signed numbers whatever they are; those of 16 bits fit either.
        values = values.view(np.uint32)
    return values.astype(np.float64)


def _scale_of(picture: Image.Image, name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return what takes values from the picture's least and greatest to 0 and 1."""
    low, high = np.inf, -np.inf
    for _, band in _bands_of(picture):
        values = _numbers_of(band, picture)
        if not np.isfinite(values).all():
            raise InputError(
                f"{name} has pixels that are not finite numbers; replace them, or give a picture "
                "of 8 or 16 bits."
            )
        low, high = min(low, values.min()), max(high, values.max())
    if low == high:
        return lambda values: np.clip(values, 0, 1)
    # Halved, the ends of the floats have a difference that still is one.
    return lambda values: (values / 2 - low / 2) / (high / 2 - low / 2)


def _positive(luma: np.ndarray, picture: Image.Image) -> np.ndarray:
    """Return the positive of what Pillow decodes as a negative: more than 8 bits, white at 0."""
    deep = picture.mode in ("I", "F") or picture.mode.startswith("I;16")
    photometric = _tag(picture, TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 1)
    if deep and photometric == MIN_IS_WHITE:
        np.subtract(1, luma, out=luma)
    return luma


def _alpha_of(band: Image.Image) -> np.ndarray | None:
    """Return the float32 alpha of a band, None where the picture has none."""
    if band.mode.startswith("I;16"):
        clear = band.info.get("transparency")
        return None if clear is None else (np.asarray(band) != clear).astype(np.float32)
    if not band.has_transparency_data:
        return None
    alpha = band.convert("RGBA").getchannel("A")
    return np.asarray(alpha, dtype=np.float32) / np.float32(EIGHT_BITS)


def _conversion_of(picture: Image.Image) -> Callable[[Image.Image], np.ndarray]:
    """Return what makes float32 luma of a band of the picture, transparency aside."""
    if picture.mode.startswith("I;16"):
        twelve = _tag(picture, TiffImagePlugin.BITSPERSAMPLE, 16) == 12
        white = np.float32(TWELVE_BITS if twelve else SIXTEEN_BITS)
        return lambda band: np.asarray(band).astype(np.float32) / white
    colours = COLOURS.get(picture.mode, "RGB")
    to_srgb = _transform_of(picture, colours)

    def convert(band: Image.Image) -> np.ndarray:
        if band.has_transparency_data:
            # Else a palette or a colour that is clear would be blended or warned of.
            band = band.convert("RGBA")
        if to_srgb is not None:
            band = to_srgb.apply(band if band.mode == colours else band.convert(colours))
        # By way of RGB, since not every mode converts to grey directly.
        grey = band if band.mode == "L" else band.convert("RGB").convert("L")
        return np.asarray(grey, dtype=np.float32) / np.float32(EIGHT_BITS)

    return convert


def _transform_of(picture: Image.Image, colours: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform of colours to sRGB; None for a picture that is shown without one.

    A profile that is broken or made for other colours is left out, as browsers do.
    """
    try:
        icc = picture.info.get("icc_profile")
        if icc:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            if SPACES.get(profile.profile.xcolor_space.strip()) == colours:
                return _transform(profile, colours)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        pass
    # Pillow itself does not convert from CIELAB.
    return _transform(ImageCms.createProfile("LAB"), colours) if colours == "LAB" else None


def _transform(
    profile: ImageCms.ImageCmsProfile | ImageCms.core.CmsProfile, colours: str
) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), colours, "RGB")
