"""Each tab, wide and narrow, light and dark: nothing overflows, and a person can look at it."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.ui.browser.screenshots import shoot

WIDTHS = {"page": 1280, "phone": 390}

PAINTED = """() => {
    const canvas = document.querySelector('canvas.moss-picture');
    if (!canvas?.width) return false;
    const row = canvas.getContext('2d').getImageData(0, canvas.height >> 1, canvas.width, 1);
    return row.data.some((value, k) => k % 4 < 3 && value > 128);
}"""


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("device", WIDTHS)
def test_no_tab_is_wider_than_the_screen(request, whole_page, device, look):
    page, width = request.getfixturevalue(device), WIDTHS[device]
    page.goto(f"{whole_page}?__theme={look}")
    page.wait_for_function(PAINTED)
    for name in ("Blend", "Sonify", "Paint", "Live", "About"):
        tab = page.get_by_role("tab", name=name)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        path = shoot(page, f"{name.lower()}-{width}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        with Image.open(path) as screenshot:
            assert screenshot.width == width
