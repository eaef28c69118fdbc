import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import pytest

from moss.ui.components.cards.cards import cards_html

NAMES = [
    "plain",
    "a & b",
    "<script>alert('x')</script>",
    '" onerror="x',
    "${x} {{y}} `z`",
    "50 % ü",
]

TAGS = {"ol", "li", "div", "img", "h3", "b", "p", "span", "small", "audio", "button", "a"}


def run_in(folder, sound, image, count=3):
    (folder / "front").mkdir(parents=True)
    points = []
    for k in range(count):
        (folder / f"front/{k:02d}{image}").touch()
        (folder / f"front/{k:02d}{sound}").touch()
        points.append(
            {
                "file": f"front/{k:02d}{sound}",
                "designed": [0.22 + k, 1.05],
                "replayed": [0.24 + k, 1.104],
            }
        )
    return {"points": points, "chosen": {"balanced": points[-1]["file"]}}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("sound", "image"), [(".wav", ".png"), (".flac", ".webp")])
def test_whatever_the_folder_is_called_its_files_are_named_and_nothing_else(
    tmp_path, name, sound, image
):
    folder = tmp_path / name
    html = cards_html(folder, run_in(folder, sound, image))
    assert not {"`", "$", "{", "'"} & set(html)
    cards = ET.fromstring(html)
    assert cards.tag == "ol" and [item.tag for item in cards] == ["li"] * 3
    assert {part.tag for part in cards.iter()} == TAGS
    for k, item in enumerate(cards):
        wanted = {"img": ("src", image), "audio": ("src", sound), "a": ("href", sound)}
        for tag, (attribute, suffix) in wanted.items():
            url = item.find(f".//{tag}").get(attribute)
            path = Path(unquote(url.removeprefix("gradio_api/file=")))
            assert path == folder / f"front/{k:02d}{suffix}" and path.exists()


def test_the_words_of_a_card(tmp_path):
    html = cards_html(tmp_path, run_in(tmp_path, ".wav", ".png"))
    cards = ET.fromstring(html)
    texts = ["".join(item.itertext()) for item in cards]
    for k, text in enumerate(texts):
        assert f"Point {k} of 2" in text
        assert f"Difference from the picture {k + 0.24:.2f}, from the music 1.10" in text
        assert f"designed as {k + 0.22:.2f} and 1.05" in text
        assert "Download WAV" in text
    assert ["Balanced" in text for text in texts] == [False, False, True]
