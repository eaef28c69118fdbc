from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from moss.errors import OutputError
from moss.progress import SearchProgress
from moss.render import save_evolution_gif
from moss.render.evolution import GROWTH_MS, HOLD_MS, MAX_FRAMES
from moss.render.front_axes import FRONT
from moss.render.raster_plot import HEADER
from moss.render.style import MUTED

# Far from one another and from the rules of the grid, the first three on the front.
LOSSES = np.array([[0.97, 0.0], [0.43, 0.83], [0.0, 2.0], [0.7, 1.9], [0.55, 1.37]])
ON_FRONT = np.array([True, True, True, False, False])


def event(stage="evolution", step=1, losses=LOSSES, on_front=ON_FRONT, hypervolume=1.5):
    return SearchProgress(stage, step, 40, 1.0, losses, on_front, hypervolume)


def saved(path, events, **options):
    """The frames as they are shown, (n, 480, 720, 3), and how long each is, in milliseconds."""
    save_evolution_gif(path, events, **options)
    pictures, durations = [], []
    with Image.open(path) as gif:
        assert gif.info["loop"] == 0
        for n in range(gif.n_frames):
            gif.seek(n)
            pictures.append(np.asarray(gif.convert("RGB")))
            durations.append(gif.info["duration"])
    return np.stack(pictures).astype(int), durations


def centres(losses):
    """Where (visual, audio) losses lie in the picture, by matplotlib alone."""
    figure = Figure((9, 6), dpi=80)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.105, 0.135, 0.865, 0.725))
    right, top = 1.0, 2.5  # the axes of LOSSES end at a tick
    axes.set(xlim=(-0.04 * right, 1.04 * right), ylim=(-0.07 * top, 1.04 * top))
    x, y = axes.transData.transform(losses).T
    return np.stack([480 - y, x], axis=1)


def colour_at(picture, losses):
    row, column = np.floor(centres([losses])[0]).astype(int)
    return picture[row, column]


def is_warm(colour):
    red, green, blue = colour
    return red > 120 and red > 1.5 * green and red >= blue


def is_grey(colour):
    return colour.min() > 60 and np.ptp(colour) < 30


def is_front(colour):
    return np.abs(colour - FRONT).max() < 3


@pytest.mark.parametrize(
    ("stage", "population", "front"),
    [
        ("seeding", is_grey, is_front),
        ("evolution", is_warm, is_front),
        ("front", is_warm, is_front),
    ],
)
def test_dots_lie_at_their_losses_in_the_colours_of_the_stage(tmp_path, stage, population, front):
    pictures, _ = saved(tmp_path / "a.gif", [event(stage)])
    assert pictures.shape == (1, 480, 720, 3)
    for losses, on_front in zip(LOSSES, ON_FRONT, strict=True):
        colour = colour_at(pictures[0], losses)
        assert (front if on_front else population)(colour), (losses, colour)


def test_the_front_is_joined_in_the_order_of_its_losses(tmp_path):
    order = [1, 4, 0, 2, 3]
    shuffled = event("front", losses=LOSSES[order], on_front=ON_FRONT[order])
    pictures, _ = saved(tmp_path / "a.gif", [shuffled])
    for a, b in ((0, 1), (1, 2)):
        assert is_warm(colour_at(pictures[0], (LOSSES[a] + LOSSES[b]) / 2))
    assert colour_at(pictures[0], (LOSSES[0] + LOSSES[2]) / 2).max() < 60


def test_the_last_seeds_stay_behind_the_evolution(tmp_path):
    early, late, found = (np.array([[v, a]]) for v, a in ((0.9, 1.9), (0.7, 1.3), (0.45, 0.7)))
    one = np.array([True])
    events = [
        event(losses=LOSSES),
        event("seeding", 1, early, one),
        event("seeding", 2, late, one),
        event("evolution", 1, found, one),
        event("front", 1, found, one),
    ]
    measured = np.array([[0.75, 1.6]])
    events[2] = replace(events[2], seeds=measured)
    pictures, _ = saved(tmp_path / "a.gif", events)
    for picture, seed, none in ((pictures[3], late, measured), (pictures[4], measured, late)):
        assert is_grey(colour_at(picture, seed[0]))
        assert colour_at(picture, seed[0]).max() < MUTED[0]
        assert colour_at(picture, none[0]).max() < 40
        assert colour_at(picture, early[0]).max() < 40
        assert not is_grey(colour_at(picture, found[0]))


def test_stage_and_hypervolume_are_written_in_each_frame(tmp_path):
    events = [
        event("seeding", 1, hypervolume=1.0),
        event("seeding", 2, hypervolume=1.0),
        event("seeding", 2, hypervolume=1.234),
    ]
    headers = saved(tmp_path / "a.gif", events)[0][:, :HEADER]
    assert all((header.min(axis=2) > 200).sum() > 200 for header in headers)
    changed = (np.diff(headers, axis=0) != 0).any(axis=(1, 3))
    step, volume = (np.flatnonzero(columns) for columns in changed)
    assert step.max() < 360 < volume.min()


def growth(count, points=100, seed=0):
    rng = np.random.default_rng(seed)
    events = []
    for k in range(count):
        visual = rng.uniform(0, 1, points)
        losses = np.stack([visual, (1 - visual) ** 2 * (3 - 2 * k / count)], axis=1)
        losses += rng.uniform(0, 0.2, losses.shape)
        on_front = rng.uniform(size=points) < 0.5
        stage = "seeding" if k < count // 3 else "evolution" if k < count - 1 else "front"
        events.append(SearchProgress(stage, k, count, 0.1 * k, losses, on_front, 1 + k / count))
    return events


@pytest.mark.parametrize("count", [1, 2, 12, MAX_FRAMES, 300])
def test_the_animation_has_its_frames_and_their_time(tmp_path, count):
    pictures, durations = saved(tmp_path / "a.gif", growth(count))
    assert len(pictures) == min(count, MAX_FRAMES)
    assert durations[-1] == HOLD_MS
    assert len(set(durations[:-1])) <= 1
    assert sum(durations[:-1]) <= GROWTH_MS
    if count >= 12:
        assert sum(durations[:-1]) > 0.8 * GROWTH_MS
    last = saved(tmp_path / "b.gif", growth(count)[-1:])[0]
    # Only the seeds behind it tell the last frame from the same moment alone.
    np.testing.assert_array_equal(pictures[-1, :HEADER], last[-1, :HEADER])


def test_frames_that_look_the_same_keep_their_time(tmp_path):
    events = [event(step=1), event(step=1), event(step=1), event(step=2)]
    pictures, durations = saved(tmp_path / "a.gif", events)
    assert len(pictures) == 2
    _, apart = saved(tmp_path / "b.gif", [event(step=k) for k in range(4)])
    assert durations == [sum(apart[:3]), apart[3]]


def test_a_gif_that_would_be_too_large_shows_fewer_frames(tmp_path):
    whole = saved(tmp_path / "a.gif", growth(60))[0]
    size = (tmp_path / "a.gif").stat().st_size
    pictures, durations = saved(tmp_path / "b.gif", growth(60), max_bytes=size // 2)
    assert (tmp_path / "b.gif").stat().st_size <= size // 2
    assert 5 < len(pictures) < 60 and sum(durations) > 0.8 * (GROWTH_MS + HOLD_MS)
    np.testing.assert_array_equal(pictures[-1], whole[-1])


@pytest.mark.parametrize(
    "losses",
    [
        np.ones((5, 2)),
        np.zeros((5, 2)),
        np.array([[1.0, 0.0], [0.0, 2.0]]),
        np.array([[0.3, 0.4]]),
    ],
    ids=["all equal", "all zero", "a front of two", "one point"],
)
def test_few_and_equal_points_are_drawn(tmp_path, losses):
    before = losses.copy()
    everywhere = np.ones(len(losses), bool)
    pictures, _ = saved(tmp_path / "a.gif", [event("front", 1, losses, everywhere)])
    assert (np.abs(pictures[0, HEADER:] - FRONT).max(axis=2) < 3).sum() > 10
    np.testing.assert_array_equal(losses, before)


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([], "needs a frame"),
        ([event("seeds")], "stage is 'seeds'"),
        ([event(losses=LOSSES.T)], r"losses has shape \(2, 5\)"),
        ([event(losses=LOSSES[:0], on_front=ON_FRONT[:0])], r"losses has shape \(0, 2\)"),
        ([event(on_front=ON_FRONT[:2])], r"on_front has shape \(2,\)"),
        ([event(losses=LOSSES * np.nan)], "finite"),
        ([event(hypervolume=np.inf)], "finite"),
    ],
)
def test_what_is_no_search_is_refused(tmp_path, events, sentence):
    with pytest.raises(ValueError, match=sentence):
        save_evolution_gif(tmp_path / "a.gif", events)
    assert not list(tmp_path.iterdir())


def test_a_size_that_nothing_fits_is_refused(tmp_path):
    with pytest.raises(ValueError, match="fits into 1000 bytes"):
        save_evolution_gif(tmp_path / "a.gif", [event()], max_bytes=1000)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match=r"^a\.gif cannot be written; .*\.$"):
        save_evolution_gif(tmp_path / "none" / "a.gif", [event()])
