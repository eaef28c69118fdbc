"""What the tests of the player do and read, whatever they are about."""

import json
import re

import numpy as np
import soundfile
from playwright.sync_api import expect

from tests.waiting import eventually

SMALL = {
    "duration_s": 2.0,
    "grid_height": 16,
    "audio_weights": 6,
    "descent_steps": 2,
    "population_size": 12,
    "generations": 2,
    "effort": 0.1,
    "representatives": 5,
}
LAST = SMALL["representatives"] - 1
VOLUME_DB = -12  # how gently it starts
WISHES = "music 0.5-1 0-2756; picture 1.25-1.75 5513-8269"

HANDLE = "document.querySelector('.moss-player').parentElement.mossPlayer"
SAMPLES = f"""() => {{
    const samples = new Float32Array({HANDLE}.analyser.fftSize);
    {HANDLE}.analyser.getFloatTimeDomainData(samples);
    return Array.from(samples);
}}"""
# Every frame of what goes to the loudspeakers, from an audio thread that misses none.
RECORD = f"""async () => {{
    const {{ context, analyser }} = {HANDLE};
    const code = `registerProcessor("recorder", class extends AudioWorkletProcessor {{
        process([[samples]]) {{
            const heard = samples?.slice() ?? new Float32Array(128);
            this.port.postMessage({{ heard, until: currentTime }});
            return true;
        }}
    }});`;
    const module = URL.createObjectURL(new Blob([code], {{ type: "text/javascript" }}));
    await context.audioWorklet.addModule(module);
    const options = {{ numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" }};
    const recorder = new AudioWorkletNode(context, "recorder", options);
    Object.assign(window, {{ recorded: [], recordedUntil: 0 }});
    recorder.port.onmessage = ({{ data }}) => {{
        window.recorded.push(...data.heard);
        window.recordedUntil = data.until;
    }};
    analyser.connect(recorder);
}}"""
PIXELS = "() => document.querySelector('.moss-picture').toDataURL()"


def opened(page, url):
    page.goto(url)
    page.wait_for_selector(".moss-player[data-drawn]")
    return page


def sounds(run):
    """The mono sum of every point's file, and of the original, as an analyser sees them."""
    files = [point["file"] for point in run.summary["points"]]
    files.append(run.summary["original"]["file"])
    return [soundfile.read(run.folder / file, always_2d=True)[0].mean(1) for file in files]


def distinct(run):
    return len({*(p["file"] for p in run.summary["points"]), run.summary["original"]["file"]})


def play(page, count):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"count => {HANDLE}.loaded === count", arg=count)


def all_pictures(page):
    page.wait_for_function(
        "count => performance.getEntriesByType('resource')"
        ".filter((entry) => entry.name.endsWith('.png') && entry.responseEnd).length === count",
        arg=LAST + 1,
    )


def at_point(page, k):
    expect(page.locator(".moss-point")).to_have_text(f"Point {k} of {LAST}")
    page.wait_for_function(f"k => {HANDLE}.position === k", arg=k)


def heard(page):
    page.wait_for_timeout(800)  # the analyser holds 0.4 s, and gains take their 30 ms
    return np.array(page.evaluate(SAMPLES))


def recorded(page, seconds):
    """Every frame since RECORD, up to so many seconds from now on the clock of what is heard."""
    end = page.evaluate(f"{HANDLE}.context.currentTime") + seconds
    page.wait_for_function("end => window.recordedUntil >= end", arg=end)
    return np.array(page.evaluate("window.recorded"))


def heard_as(page, *parts):
    """A window in which nothing but `parts` is heard, and their gains.

    A busy machine's audio may lag behind, or have a gap: it is waited for. At any other lag of
    either they would not explain it.
    """

    def explained():
        window = heard(page)
        gains, left = fitted(window, *parts)
        return (window, gains) if left < 1e-3 else None

    return eventually(explained)


def fitted(window, *parts):
    """The gains of looped `parts`, all at one lag, that explain `window`; and what they leave."""
    looped = [np.resize(part, len(part) + len(window)) for part in parts]
    whole = np.sum(looped, 0)
    size = 2 ** int(np.ceil(np.log2(len(whole))))
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(window, size)))
    energies = np.convolve(whole**2, np.ones(len(window)), "valid")
    likeness = products[: len(parts[0])] ** 2 / np.maximum(energies[:-1], 1e-9 * energies.max())
    lag = int(likeness.argmax())
    columns = np.stack([part[lag : lag + len(window)] for part in looped], 1)
    gains = np.linalg.lstsq(columns, window)[0]
    left = np.sum((window - columns @ gains) ** 2) / np.sum(window**2)
    return gains, left


def decibels(gain):
    return 20 * np.log10(gain)


def asked(page, pattern):
    field = page.get_by_label("Asked")
    expect(field).to_have_value(re.compile(pattern))
    return json.loads(field.input_value())


def left(heard, expected):
    """The share of what is expected that a part of a recording differs by."""
    return np.sum((heard - expected) ** 2) / np.sum(expected**2)
