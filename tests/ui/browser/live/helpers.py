"""What the tests of the live view do and read."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import expect


def opened(page, url):
    """Go there and return the view in the page."""
    page.goto(url)
    view = page.locator("#live .moss-live")
    expect(view.get_by_role("button", name="Microphone")).to_be_visible()
    return view


def told(view):
    """What the view says of itself: frames, seconds, axis, lowHz, highHz, secondsPerPixel."""
    return view.evaluate("e => ({...e.dataset})")


def state(view, name):
    expect(view).to_have_attribute("data-state", name)


def heard(view, seconds):
    """Wait until this much sound is in the picture."""
    view.page.wait_for_function(
        "([e, s]) => Number(e.dataset.seconds) >= s", arg=[view.element_handle(), seconds]
    )


def setting(view, name, value):
    """Set one of the controls, a slider or a list, as a hand does."""
    settings = view.locator("details")
    if not settings.evaluate("e => e.open"):
        settings.locator("summary").click()
    control = view.locator(f"[name={name}]")
    if control.evaluate("e => e.matches('select')"):
        control.select_option(value)
    else:
        control.fill(value)


def saved(view):
    """The picture that the view's own button saves, as uint8 RGB (height, width, 3)."""
    with view.page.expect_download() as waiting:
        view.get_by_role("button", name="Save as PNG").click()
    assert waiting.value.suggested_filename == "moss-live.png"
    return np.asarray(Image.open(io.BytesIO(waiting.value.path().read_bytes())).convert("RGB"))


def greys(view):
    """The saved picture in the grey map, as float (height, width): 0 is the darkest colour."""
    picture = saved(view)
    assert np.ptp(picture, axis=2).max() == 0
    return picture[..., 0].astype(float)


def row_of(hertz, about, height):
    """Where a frequency belongs in a picture of this height, in pixels from its top row."""
    low, high = float(about["lowHz"]), float(about["highHz"])
    if about["axis"] == "linear":
        share = (hertz - low) / (high - low)
    else:
        share = np.log(hertz / low) / np.log(high / low)
    return height * (1 - share) - 0.5


def crest(column):
    """The middle of the brightest pixels of a column."""
    return np.flatnonzero(column == column.max()).mean()
