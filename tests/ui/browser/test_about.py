"""The About tab: its pictures are there and small, everybody can read it, it fits a phone."""

import re

import gradio as gr
import pytest
from PIL import Image
from playwright.sync_api import expect

from moss.ui.components.about.about import PICTURES, build_about
from tests.ui.browser.axe import violations
from tests.ui.browser.serving import served

NAMES = sorted(path.name for path in PICTURES.glob("*.webp"))


@pytest.fixture(scope="module")
def url():
    gr.set_static_paths([PICTURES])
    with gr.Blocks(title="About", analytics_enabled=False) as blocks:
        build_about()
    with served(blocks) as url:
        yield url


def opened(page, url, look="light"):
    page.goto(f"{url}?__theme={look}")
    article = page.locator(".moss-about")
    expect(article.get_by_role("heading")).to_have_count(9)
    return article


def test_every_picture_is_shown_as_large_as_it_says(page, url):
    article = opened(page, url)
    images = article.locator("img")
    shown = []
    for k in range(images.count()):
        images.nth(k).scroll_into_view_if_needed()  # they load as they come into view
        shown.append(
            images.nth(k).evaluate(
                """async image => {
                    await image.decode();
                    return [image.src, image.naturalWidth, image.naturalHeight,
                            +image.getAttribute('width'), +image.getAttribute('height')];
                }"""
            )
        )
    assert sorted(source.rsplit("/", 1)[1] for source, *_ in shown) == NAMES
    for _, *natural_then_told in shown:
        assert natural_then_told[:2] == natural_then_told[2:]


@pytest.mark.parametrize("name", NAMES)
def test_its_pictures_are_small(name):
    assert (PICTURES / name).stat().st_size < 120_000
    with Image.open(PICTURES / name) as picture:
        assert picture.width <= 800


def test_every_picture_is_told_in_words(page, url):
    for image in opened(page, url).locator("img").all():
        assert len(image.get_attribute("alt").split()) >= 4


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_keeps_people_out(page, url, look):
    opened(page, url, look)
    assert violations(page, ".moss-about") == []


def test_nothing_overflows_on_a_phone(phone, url):
    article = opened(phone, url)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    for image in article.locator("img").all():
        assert image.bounding_box()["width"] <= 390


def test_its_only_links_open_beside_the_page(page, url):
    links = opened(page, url).get_by_role("link").all()
    assert links
    for link in links:
        assert re.match("https://", link.get_attribute("href"))
        assert link.get_attribute("target") == "_blank"
