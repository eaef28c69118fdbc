"""Make the README's picture of the page again: `python -m docs.make_page` (it needs chromium)."""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from app import compute, results_folder
from moss import ui

PATH = Path(__file__).parent / "page.webp"
SIZE: ViewportSize = {"width": 1280, "height": 860}
QUALITY = 80


def main() -> None:
    """Open the page, take its picture and say how large it is."""
    page = ui.build(compute=compute, results=results_folder())
    ui.launch(page, server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        tab = browser.new_page(viewport=SIZE)
        tab.goto(f"{page.local_url}?__theme=dark")
        tab.wait_for_selector(".moss-player[data-drawn]")
        tab.wait_for_selector("#moss-track canvas", state="attached")
        shown = tab.screenshot()
        browser.close()
    page.close(verbose=False)
    Image.open(io.BytesIO(shown)).save(PATH, quality=QUALITY, method=6)
    print(f"{PATH.name}: {PATH.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
