"""A painter in a page, and hands that paint on it, cell by cell."""

import numpy as np
from playwright.sync_api import expect

ROWS, HIGHEST_HZ, COLUMNS_PER_S = 421, 7040, 44_100 / 1024


def opened(page, url):
    """Go to the painter and wait until it can be painted on."""
    page.goto(url)
    page.wait_for_selector(".moss-paint canvas[data-first-column]")
    canvas(page).scroll_into_view_if_needed()
    canvas(page).hover(position={"x": 1, "y": 1})  # gradio lays its loading over it at first
    return page


def canvas(page):
    """The canvas that is painted on."""
    return page.locator(".moss-paint canvas")


def row_of(hz):
    """Return the row of a frequency."""
    return round(60 * np.log2(HIGHEST_HZ / hz))


def points(page, cells):
    """Return where the middles of cells (row, column) are on the screen, as (x, y)."""
    box = canvas(page).bounding_box()
    first, wide, high = (
        float(canvas(page).get_attribute(f"data-{name}"))
        for name in ("first-column", "column-px", "row-px")
    )
    return [
        (box["x"] + (column - first + 0.5) * wide, box["y"] + (row + 0.5) * high)
        for row, column in cells
    ]


def stroke(page, *cells):
    """Paint along cells (row, column) with the mouse."""
    spots = points(page, cells)
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot)
    page.mouse.up()


def finger(page, *cells):
    """Paint along cells (row, column) as the phone's own screen would."""
    session = page.context.new_cdp_session(page)
    spots = [{"x": x, "y": y} for x, y in points(page, cells)]
    steps = [("touchStart", spots[:1]), *(("touchMove", [spot]) for spot in spots[1:])]
    for kind, touching in [*steps, ("touchEnd", [])]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})


def file_of(page, kind):
    """Save the painting and return the path of the .npy or .png file that is downloaded."""
    with page.expect_download() as download:
        press(page, f"Save .{kind}")
    return download.value.path()


def pixels(page):
    """Return the painting's pixels, from its .npy file."""
    return np.load(file_of(page, "npy"))


def press(page, name):
    """Press a button of the painter."""
    page.locator(".moss-paint").get_by_role("button", name=name, exact=True).click()


def put(page, name, value):
    """Set a control of the painter by its class: a slider, a number, a choice or a check box."""
    control = page.locator(f".moss-paint .{name}")
    if not control.is_visible():  # a phone folds the grids
        page.locator(".moss-paint .grids > summary").tap()
        canvas(page).scroll_into_view_if_needed()
    if isinstance(value, bool):
        control.set_checked(value)
    elif name in ("scale", "key", "division"):
        control.select_option(label=value)
    else:
        control.fill(str(value))


def freely(page):
    """Paint wherever the hand is."""
    put(page, "snap-pitch", False)
    put(page, "snap-rhythm", False)


def columns_in(seconds):
    """Return how many columns so many whole seconds have."""
    return int(np.ceil(seconds * COLUMNS_PER_S))


def blank(end=0):
    """Return the pixels of an empty painting of whole seconds that has room for `end` columns."""
    columns = next(columns_in(s) for s in range(1, 61) if columns_in(s) >= end)
    return np.zeros((ROWS, columns), np.uint8)


def same(page, wanted):
    """Expect the painting to be these pixels, each of them."""
    expect(page.locator(".moss-paint .length")).not_to_be_empty()
    np.testing.assert_array_equal(pixels(page), wanted)
