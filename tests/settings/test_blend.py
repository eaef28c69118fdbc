"""Every setting refuses what it cannot be, in one sentence that names it."""

import dataclasses
import json
import math

import pytest

from moss.errors import InputError
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.settings.presets import PRESETS, blend_settings
from moss.settings.sonify import SonifySettings

SETTINGS = settings_in(BlendSettings)
BOUNDED = [setting for setting in SETTINGS.values() if setting.bounds]
CHOSEN = [setting for setting in SETTINGS.values() if setting.choices]
# A value of another type for each type there is; a whole number is fine as a float.
WRONG_TYPES = {
    bool: [1, "yes", None],
    str: [3, True, None],
    int: [2.5, "12", True, [3], None],
    float: ["1.0", True, [1.0], None],
}


def refusal(**changes):
    """The sentence that refuses `changes`."""
    with pytest.raises(InputError) as raised:
        BlendSettings(**changes)
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence
    assert "Error" not in sentence
    return sentence


def name_of(value):
    return getattr(value, "name", None)


# Single settings


@pytest.mark.parametrize("setting", BOUNDED, ids=name_of)
def test_values_outside_the_range_are_refused(setting):
    low, high = setting.bounds
    for value in (low - 1, high + 1):
        assert setting.name in refusal(**{setting.name: value})


@pytest.mark.parametrize("setting", [each for each in BOUNDED if each.kind is float], ids=name_of)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_are_refused(setting, value):
    assert setting.name in refusal(**{setting.name: value})


@pytest.mark.parametrize("setting", CHOSEN, ids=name_of)
def test_values_that_are_no_choice_are_refused_with_the_choices(setting):
    sentence = refusal(**{setting.name: 7 if setting.kind is int else "Bach"})
    assert setting.name in sentence
    assert all(str(choice) in sentence for choice in setting.choices)


@pytest.mark.parametrize(
    ("setting", "value"), [(each, v) for each in CHOSEN for v in each.choices], ids=name_of
)
def test_every_choice_is_accepted(setting, value):
    assert getattr(BlendSettings(**{setting.name: value}), setting.name) == value


@pytest.mark.parametrize(
    ("setting", "value"),
    [(each, value) for each in SETTINGS.values() for value in WRONG_TYPES[each.kind]],
    ids=name_of,
)
def test_values_of_another_type_are_refused(setting, value):
    if value is None and setting.is_optional:
        assert getattr(BlendSettings(**{setting.name: value}), setting.name) is None
    else:
        assert setting.name in refusal(**{setting.name: value})


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=name_of)
def test_every_setting_is_bounded(setting):
    assert setting.bounds or setting.choices or setting.kind is bool or setting.name == "wishes"


def test_whole_numbers_are_fine_where_a_number_is():
    assert BlendSettings(duration_s=10, gamma=2).duration_s == 10


# Settings together


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"n_fft": 1000}, "hop"),
        ({"hop_length": 2048}, "hop"),
        ({"hop_length": 511}, "hop"),
        ({"low_hz": 5000.0, "high_hz": 5050.0}, "frequency range"),
        ({"low_hz": 8000.0, "high_hz": 4000.0}, "frequency range"),
        ({"low_hz": 11_000.0}, "frequency range"),
        ({"sample_rate": 8000, "low_hz": 4000.0}, "frequency range"),
        ({"mono": True, "channel": "side"}, 'no "side"'),
        ({"mono": True, "channel": "left-right"}, 'no "left-right"'),
        ({"duration_s": 600.0, "channel": "left-right"}, "bins"),
        ({"scale": "log", "high_hz": 80.0}, "from 40 to 80 Hz"),
        ({"grid_height": 1026}, "grid"),
        ({"low_hz": 1000.0, "high_hz": 2000.0, "grid_height": 128}, "grid"),
        ({"duration_s": 1.0, "grid_width": 45}, "grid"),
        ({"duration_s": 600.0, "grid_height": 1000}, "grid"),
    ],
)
def test_settings_that_do_not_fit_each_other_are_refused(changes, named):
    assert named in refusal(**changes)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"duration_s": 600.0, "population_size": 200}, "up to 152 masks"),
        ({"grid_height": 1025, "grid_width": 1292}, "up to 75 masks"),
        ({"duration_s": 600.0, "hop_length": 256}, "at most 30,000,000 bins"),
        ({"n_fft": 16_384, "hop_length": 16, "sample_rate": 96_000}, "30,000,000 bins"),
        ({"duration_s": 600.0, "representatives": 16}, "up to 15 work at 22,050 Hz"),
    ],
)
def test_what_would_not_fit_into_memory_is_refused(changes, named):
    assert named in refusal(**changes)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_fits_for_the_longest_part(preset):
    # At 48 kHz a spectrogram has more than twice the frames.
    rate, longest_s = (48_000, 300.0) if preset == "hidden" else (None, 600.0)
    changes = {"sample_rate": rate} if rate else {}
    assert blend_settings(preset, duration_s=longest_s, **changes).duration_s == longest_s


def test_a_top_frequency_above_what_there_is_means_all_there_is():
    assert BlendSettings(high_hz=96_000.0).band == BlendSettings().band


# Derived values


def test_picture_fills_the_spectrogram_by_default():
    settings = BlendSettings()
    assert settings.band == slice(0, 1025)
    assert settings.band_bins == 1025
    assert settings.top_hz == 11_025


def test_band_holds_the_bins_of_its_frequencies():
    settings = BlendSettings(low_hz=500.0, high_hz=4000.0)
    bin_hz = 22_050 / 2048
    assert settings.band.start * bin_hz == pytest.approx(500, abs=bin_hz / 2)
    assert (settings.band.stop - 1) * bin_hz == pytest.approx(4000, abs=bin_hz / 2)
    assert settings.band_bins == len(range(1025)[settings.band])


@pytest.mark.parametrize("n_fft", [64, 66, 99, 100, 1000, 2048])
@pytest.mark.parametrize("sample_rate", [4000, 11_025, 22_050])
def test_band_is_never_wider_than_the_spectrogram(n_fft, sample_rate):
    hop = next(hop for hop in range(16, n_fft // 2 + 1) if n_fft % hop == 0)
    try:
        settings = BlendSettings(
            n_fft=n_fft, hop_length=hop, sample_rate=sample_rate, grid_height=4
        )
    except InputError:
        return  # refusing such a window is as good
    assert settings.band.stop <= n_fft // 2 + 1


@pytest.mark.parametrize(
    ("duration_s", "width"), [(30, 256), (60, 512), (10, 80), (300, 2560), (0.5, 16), (0.1, 5)]
)
def test_grid_width_grows_with_the_duration(duration_s, width):
    # 8.53 cells a second in multiples of 16, and never more than there are frames
    assert BlendSettings(duration_s=duration_s).grid_shape == (128, width)


def test_a_grid_width_that_is_set_is_kept():
    assert BlendSettings(grid_width=100).grid_shape == (128, 100)


def test_for_duration_only_ever_shortens():
    settings = BlendSettings(duration_s=30.0, seed=3)
    assert settings.for_duration(12.5).duration_s == 12.5
    assert settings.for_duration(12.5).seed == 3
    assert settings.for_duration(31.0) == settings


def test_the_first_window_is_the_runs_own():
    assert BlendSettings(n_fft=1024, hop_length=256).windows == ((1024, 256),)


def test_any_window_is_from_half_to_twice_as_long():
    settings = BlendSettings(n_fft=1024, hop_length=256, viewer="any")
    assert settings.windows == ((1024, 256), (512, 128), (2048, 512))


def test_the_picture_must_fit_into_the_shortest_window():
    """11 bins of a window of 1024 are 237 Hz at 22,050 Hz, and of its half twice as much."""
    settings = {"n_fft": 1024, "hop_length": 256, "low_hz": 1000.0, "grid_height": 4}
    assert BlendSettings(**settings, high_hz=1300.0).windows
    assert "at least 474 Hz" in refusal(**settings, high_hz=1300.0, viewer="any")


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        BlendSettings().seed = 1


# Presets and plain values


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_valid_and_can_be_changed(preset):
    settings = blend_settings(preset)
    assert all(getattr(settings, name) == value for name, value in PRESETS[preset].items())
    assert blend_settings(preset, seed=5) == dataclasses.replace(settings, seed=5)


def test_high_res_is_the_default():
    assert blend_settings() == BlendSettings()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: blend_settings("low-res"), ["low-res", "notebook"]),
        (lambda: blend_settings(tempo=3), ["tempo", "gamma"]),
    ],
)
def test_unknown_names_are_refused_with_those_there_are(call, named):
    with pytest.raises(InputError) as raised:
        call()
    assert all(name in str(raised.value) for name in named)


def test_settings_of_an_earlier_moss_are_understood():
    settings = blend_settings("quick", prices=12, viewer="2048", seed=3)
    assert settings == blend_settings("quick", audio_weights=12, viewer="own", seed=3)


def test_the_published_presets_are_as_published():
    notebook, readme = blend_settings("notebook"), blend_settings("readme")
    assert notebook.windows == ((1024, 256),) and readme.windows == ((2048, 512),)
    assert (notebook.sample_rate, readme.sample_rate) == (16_000, 22_050)
    assert (notebook.grid_shape, readme.grid_shape) == ((64, 128), (128, 256))
    assert (notebook.smoothing_sigma, readme.smoothing_sigma) == (5.0, 3.0)
    assert (notebook.mixing, readme.mixing) == ("linear", "log")
    assert (notebook.gamma, readme.gamma) == (1.8, 1.0)
    assert (notebook.audio_weights, notebook.descent_steps) == (10, 200)
    for settings in (notebook, readme):
        assert settings.is_published
        assert (settings.population_size, settings.generations) == (100, 50)
        assert (settings.operators, settings.phase) == ("published", "target")
    assert not any(blend_settings(name).is_published for name in ("high-res", "quick"))


@pytest.mark.parametrize("preset", PRESETS)
def test_settings_survive_json(preset):
    settings = blend_settings(preset, high_hz=4000.0, grid_width=64)
    assert BlendSettings(**json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize("settings", [BlendSettings, SonifySettings])
def test_a_whole_number_is_a_float_where_one_is_meant(settings):
    """JSON and pages do not tell 12 from 12.0, but tensors do."""
    assert isinstance(settings(range_nats=12).range_nats, float)
    assert isinstance(settings(seed=12).seed, int)
