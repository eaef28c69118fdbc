"""What the tests of a blend on the whole page do and read."""

import re

from playwright.sync_api import expect

NAME = "disc + chord"


def opened(page, url, query=""):
    page.goto(url + query)
    page.wait_for_selector(".moss-player[data-drawn]")
    expect(start(page)).to_be_enabled()
    return page


def start(page):
    return page.locator("#moss-start")


def put(page, well, path):
    """Give a well another file, as a person does: clear it, then choose."""
    page.locator(f"#moss-{well}").get_by_label(re.compile("Clear|Remove")).click()
    page.locator(f"#moss-{well} input[type=file]").set_input_files(path)


def given(page, pair):
    put(page, "picture", pair[0])
    put(page, "track", pair[1])
    expect(page.locator("#moss-part")).to_contain_text("of 0:06")


def working(page):
    return page.locator("#moss-working")


def begun(page):
    """Blend, and wait until the player plays what is being made."""
    start(page).click()
    page.wait_for_selector(".moss-player[data-working]")


def finished(page, name):
    expect(page.locator("#moss-note")).to_contain_text(name)
    expect(working(page)).to_be_hidden()
    page.wait_for_selector(".moss-player[data-drawn]")
    expect(start(page)).to_be_enabled()


def blended(page, url, pair, query=""):
    opened(page, url, query)
    given(page, pair)
    start(page).click()
    finished(page, NAME)
    return page
