"""The watchers themselves: a test in a browser is worth what they notice."""

import gradio as gr
import pytest
from playwright.sync_api import expect

from tests.ui.browser.axe import violations
from tests.ui.browser.serving import served
from tests.ui.browser.watching import watched


@pytest.fixture(scope="module")
def url():
    with gr.Blocks(title="Watched", analytics_enabled=False) as blocks:
        name = gr.Textbox(label="Name")
        gr.HTML("<p id='bare'><img src='data:,'></p>", padding=False)
        greeting = gr.Markdown(elem_id="greeting")
        name.submit("Hello, {}.".format, name, greeting)
    with served(blocks) as url:
        yield url


def test_a_page_answers_and_nothing_goes_wrong(page, url):
    page.goto(url)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Name").press("Enter")
    expect(page.locator("#greeting")).to_have_text("Hello, Ada.")


def test_a_phone_is_narrow_and_touched(phone, url):
    phone.goto(url)
    expect(phone.get_by_label("Name")).to_be_visible()
    assert phone.evaluate("[innerWidth, navigator.maxTouchPoints > 0]") == [390, True]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("console.error('It went wrong')", "console: It went wrong"),
        ("setTimeout(() => { throw Error('It fell') })", "thrown: It fell"),
        ("fetch('https://moss.example/x').catch(() => 0)", "another host: https://moss.example/x"),
    ],
)
def test_what_goes_wrong_is_told(browser, url, script, told):
    with pytest.raises(AssertionError, match=told), watched(browser) as page:
        page.goto(url)
        page.evaluate(f"() => {{ {script} }}")
        page.evaluate("() => new Promise(requestAnimationFrame)")


@pytest.mark.console_errors("^It went wrong$")
def test_an_error_can_be_expected(page, url):
    page.goto(url)
    page.evaluate("console.error('It went wrong')")


def test_axe_finds_a_picture_without_words(page, url):
    page.goto(url)
    expect(page.locator("#bare")).to_be_attached()
    assert [line.split(": ")[:2] for line in violations(page, "#bare")] == [
        ["critical", "image-alt"]
    ]
    assert violations(page, "#bare", exclude=("img",)) == []
