"""Screenshots for a person to look at, in a folder that git does not see."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(os.environ.get("SCREENSHOTS") or Path(__file__).parents[3] / "results/screenshots")
LOAD_PICTURES = """async () => {
    const pictures = [...document.images].filter(picture => picture.checkVisibility());
    for (const picture of pictures) picture.loading = 'eager';
    await Promise.all(pictures.map(picture => picture.decode()));
}"""


def shoot(page: Page, name: str) -> Path:
    """Write all of `page`, with every picture loaded, to `name`.png under $SCREENSHOTS.

    Without that variable the folder is results/screenshots.
    """
    page.evaluate(LOAD_PICTURES)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
