"""Temporary files within a bound, and what is in use among them."""

import os
import time

import pytest

from moss.errors import OutputError
from moss.temporary import NAME, abandoned_folders
from moss.ui.host import room as room_module
from moss.ui.host.files import temp_root
from moss.ui.host.room import FRESH_S, MAX_HOLD_S, MIN_FREE_BYTES, Room

LIFE_S = 7200.0
SIZE = 1000


def test_the_root_is_a_folder_that_the_next_app_can_tell_from_what_is_theirs():
    prefix, suffix = NAME
    root = temp_root()
    assert root.name.startswith(prefix) and root.name.endswith(suffix)
    assert root not in abandoned_folders(root.parent, *NAME)  # while this process lives


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def made(root, name, age_s=2 * FRESH_S, size=SIZE):
    """A folder with a file of `size` bytes that was last used `age_s` ago."""
    folder = root / name
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "sound.wav").write_bytes(bytes(size))
    used = time.time() - age_s
    for path in (folder / "deep" / "sound.wav", folder / "deep", folder):
        os.utime(path, (used, used))
    return folder


def names(root):
    return sorted(path.name for path in root.iterdir())


def size_of(root):
    return room_module._size_of(root)


def test_what_nobody_used_for_its_life_is_deleted(root):
    made(root, "old", LIFE_S + 60)
    made(root, "new", LIFE_S - 60)
    Room(root, life_s=LIFE_S).sweep()
    assert names(root) == ["new"]


def test_at_home_nothing_is_too_old(root):
    made(root, "old", 100 * LIFE_S)
    Room(root).sweep()
    assert names(root) == ["old"]


def test_what_is_held_stays_and_counts_as_used_until_it_is_let_go(root):
    shown = made(root, "shown", 2 * LIFE_S)
    room = Room(root, life_s=LIFE_S)
    room.hold("visitor", "result", shown / "deep", root.parent / "elsewhere")
    room.sweep()
    assert names(root) == ["shown"]
    room.release("visitor")
    room.sweep()
    assert names(root) == ["shown"]
    old = time.time() - 2 * LIFE_S
    os.utime(shown, (old, old))
    room.sweep()
    assert names(root) == []


def test_nothing_is_held_for_ever(root, monkeypatch):
    room = Room(root)
    room.hold("visitor", "result", made(root, "shown"))
    now = time.time()
    monkeypatch.setattr(room_module.time, "time", lambda: now + MAX_HOLD_S + 1)
    room.sweep()
    assert room.holders == set()


def test_a_holder_holds_several_things_and_changes_each(root):
    room = Room(root, life_s=LIFE_S)
    for name in ("picture", "first", "second"):
        made(root, name, 2 * LIFE_S)
    room.hold("visitor", "picture", root / "picture")
    room.hold("visitor", "result", root / "first")
    room.hold("visitor", "result", root / "second")
    old = time.time() - 2 * LIFE_S
    os.utime(root / "first", (old, old))  # as if it were let go long ago
    room.sweep()
    assert names(root) == ["picture", "second"]


def test_the_oldest_makes_room_first(root):
    for k in range(4):
        made(root, f"{k}", FRESH_S + 1000 - 100 * k)
    most = size_of(root)
    end = Room(root, max_bytes=most).reserve(SIZE + 10)
    left = names(root)
    assert left == ["1", "2", "3"][-len(left) :] and len(left) < 4
    assert size_of(root) + SIZE + 10 <= most
    end()


def test_promises_count_until_they_end(root):
    room = Room(root, max_bytes=size_of(root) + 10 * SIZE)
    ends = [room.reserve(5 * SIZE) for _ in range(2)]
    with pytest.raises(OutputError, match="no room"):
        room.reserve(SIZE)
    ends[0]()
    room.reserve(SIZE)


def test_neither_what_is_held_nor_what_is_fresh_makes_room(root):
    shown, _ = made(root, "shown"), made(root, "fresh", 0)
    room = Room(root, max_bytes=size_of(root), life_s=LIFE_S)
    room.hold("visitor", "result", shown)
    with pytest.raises(OutputError, match="no room"):
        room.reserve(1)
    assert names(root) == ["fresh", "shown"]


def test_a_page_left_open_for_long_gives_way_to_need_but_to_nothing_else(root, monkeypatch):
    shown = made(root, "shown")
    room = Room(root, max_bytes=size_of(root), life_s=LIFE_S)
    room.hold("visitor", "result", shown)
    now = time.time()
    monkeypatch.setattr(room_module.time, "time", lambda: now + LIFE_S + 1)
    room.sweep()
    assert names(root) == ["shown"]
    room.reserve(1)
    assert names(root) == []


def test_a_full_disk_is_no_room(root, monkeypatch):
    monkeypatch.setattr(room_module, "MIN_FREE_BYTES", 2**62)
    with pytest.raises(OutputError, match="no room"):
        Room(root).reserve(1)
    assert MIN_FREE_BYTES < 2**30


def test_links_and_files_are_deleted_and_never_followed(root):
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("precious")
    (root / "link").symlink_to(outside)
    (root / "file").write_text("words")
    room = Room(root, life_s=0.0)
    long_ago = time.time() - 2 * FRESH_S
    os.utime(root / "file", (long_ago, long_ago))
    os.utime(root / "link", (long_ago, long_ago), follow_symlinks=False)
    room.sweep()
    assert names(root) == []
    assert (outside / "precious.txt").read_text() == "precious"


def test_what_lies_elsewhere_cannot_be_held(root):
    room = Room(root)
    room.hold("visitor", "result", root, root.parent, root / ".." / "outside")
    room.release("visitor")
    assert room.holders == set()
