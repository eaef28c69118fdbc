"""A blend is heard while it is made: one sound takes the place of another without a trace."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.small import SMALL
from tests.ui.browser.blending import NAME, begun, finished, given, opened
from tests.ui.browser.player.helpers import (
    HANDLE,
    RECORD,
    VOLUME_DB,
    decibels,
    left,
    recorded,
)

# Keeps every sound that is decoded, counts the clocks, writes down what is announced, and from one
# frame of the screen to the next whether the run still works and where the player is.
WATCH = """() => {
    const { fetch, AudioContext } = window;
    const { decodeAudioData } = AudioContext.prototype;
    let url = "";
    Object.assign(window, { sounds: [], clocks: 0, announced: [] });
    window.fetch = (...asked) => {
        if (/\\.(wav|flac)$/.test(asked[0])) url = asked[0];
        return fetch(...asked);
    };
    AudioContext.prototype.decodeAudioData = async function (...asked) {
        const buffer = await decodeAudioData.apply(this, asked);
        window.sounds.push({ url, buffer });
        return buffer;
    };
    window.AudioContext = class extends AudioContext {
        constructor(...options) {
            super(...options);
            window.clocks += 1;
        }
    };
    const state = document.querySelector(".moss-state");
    new MutationObserver(() => window.announced.push(state.textContent))
        .observe(state, { childList: true });
    const [player, place, play] =
        ["player", "place", "play"].map((name) => document.querySelector(`.moss-${name}`));
    window.seen = [];
    const look = () => {
        const frame = [player.hasAttribute("data-working"), place.value, play.textContent.trim()];
        if (String(window.seen.at(-1)) !== String(frame)) window.seen.push(frame);
        requestAnimationFrame(look);
    };
    look();
}"""
SOUNDS = """() => window.sounds.map(({ url, buffer }) => {
    const channels = Array.from({ length: buffer.numberOfChannels }, (_, k) =>
        buffer.getChannelData(k));
    const mono = Array.from(channels[0], (_, i) =>
        channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
    return [url.split("/").at(-1), mono];
})"""

MUSIC = ("000-final.wav", "00.wav")  # while a run works, and when it is done
RATE = SMALL.sample_rate
FRAMES = round(SMALL.duration_s * RATE)
FADED_IN = RATE // 4  # frames by which Play has brought the sound up
SHORT = RATE // 200  # 5 ms, in which the gains of a cross-fade go nearly straight
LONG = RATE // 20  # 50 ms, most of a cross-fade
# The share of the mean power that nothing played explains: 1e-5 at most where nothing is wrong. A
# jump from one sound to the next leaves 5e-4 or more, a millisecond left out 3e-3 or more.
UNEXPLAINED = 1e-4
TOLERANCE_DB = 1.5
SILENCE_DB = -60.0
GAP = RATE // 200  # frames: a loop's ends fade for 3 ms, and are silent for much less


@pytest.fixture(scope="module")
def url(whole_page):
    return whole_page


def looped(sounds, last, recording):
    """The sounds as they would be recorded, each alone, on the clock that the `last` ends by."""
    spectrum = np.fft.rfft(recording[-RATE:], FRAMES)
    lag = np.fft.irfft(np.fft.rfft(sounds[last]) * np.conj(spectrum), FRAMES).argmax()
    shift = len(recording) - RATE - lag
    gain = 10 ** (VOLUME_DB / 20)
    return gain * np.stack([np.resize(np.roll(each, shift), len(recording)) for each in sounds])


def unexplained(recording, versions):
    """What no mixture of the versions explains of each short block, over the mean power.

    The gains of the mixture may change by as much each frame.
    """
    ramp, rest = np.linspace(-1, 1, SHORT), []
    for i in range(0, len(recording) - SHORT, SHORT):
        heard, parts = recording[i : i + SHORT], versions[:, i : i + SHORT]
        columns = np.concatenate((parts, parts * ramp)).T
        gains = np.linalg.lstsq(columns, heard, rcond=1e-6)[0]
        rest.append(np.mean((heard - columns @ gains) ** 2))
    return np.array(rest) / np.mean(recording**2)


def levels(samples):
    whole = len(samples) // LONG * LONG
    return decibels(np.sqrt((samples[:whole].reshape(-1, LONG) ** 2).mean(1)) + 1e-9)


def longest_silence(recording):
    """The most frames in a row that are silent."""
    limit = 10 ** (SILENCE_DB / 20) * np.sqrt(np.mean(recording**2))
    loud = np.flatnonzero(np.abs(recording) > limit)
    return np.diff(loud).max() - 1


def test_a_blend_is_refined_while_it_is_heard_and_nothing_gives_it_away(page, url, pair):
    page.emulate_media(reduced_motion="reduce")  # The slider's own way is none of a version's.
    opened(page, url)
    given(page, pair)
    page.get_by_role("button", name="Fine tuning").click()
    page.locator("#moss-setting-effort input[type=number]").fill("5")
    page.evaluate(WATCH)
    begun(page)
    page.locator(".moss-play").click()
    page.evaluate(RECORD)
    clock = page.evaluate_handle(f"{HANDLE}.context")
    finished(page, NAME)
    page.wait_for_function("() => window.sounds.at(-1).url.includes('/front/')")
    recording = recorded(page, 1.5)

    # Whoever listens is left alone.
    assert page.evaluate(f"clock => {HANDLE}.context === clock", clock)
    assert page.evaluate("window.clocks") == 1
    *_, (was_working, *before), (is_working, *after) = page.evaluate("window.seen")
    assert (was_working, is_working) == (True, False)  # and nothing else changes with it
    assert before == after
    assert after[1] == "Pause"
    expect(page.locator(".moss-play")).to_be_focused()
    announced = page.evaluate("window.announced")
    assert announced == ["draft, being refined", ""]

    recording = recording[np.flatnonzero(recording)[0] + FADED_IN :]
    names, sounds = zip(*page.evaluate(SOUNDS), strict=True)
    assert any("refined" in name for name in names)
    last = names.index(f"{round(float(after[0])):02d}.wav")
    versions = looped(np.array(sounds), last, recording)
    # All of it is what was to be played, on one clock from the beginning to the end.
    assert unexplained(recording, versions).max() < UNEXPLAINED
    assert longest_silence(recording) < GAP

    # What is heard of each is one after the other, and at the end it is the file.
    parts = [slice(i, i + LONG) for i in range(0, len(recording) - LONG + 1, LONG)]
    best = np.array(
        [np.argmin([left(recording[part], each[part]) for each in versions]) for part in parts]
    )
    # The music, which Play may have come early enough for, is no later than a draft.
    is_early = np.array(["draft" in name or name in MUSIC for name in names])[best]
    assert (np.diff(is_early.astype(int)) <= 0).all()
    assert is_early[0]
    assert not is_early[-1]
    assert left(recording[-RATE:], versions[last][-RATE:]) < 1e-3

    heard = levels(recording)
    alone = np.stack([levels(each) for each in versions])
    for i in range(2, len(heard) - 2):
        near = alone[best[i - 2 : i + 3], i]  # the versions around it
        assert near.min() - TOLERANCE_DB < heard[i] < near.max() + TOLERANCE_DB, i
