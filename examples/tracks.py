"""Three tracks made from nothing but numbers: pad, strings, rain.

Every function takes a random generator and returns a stereo waveform `(2, samples)` at
`SAMPLE_RATE`, faded at both ends and at any level; `make.py` sets the level.
"""

import numpy as np
from scipy import signal

SAMPLE_RATE = 44_100


def midi_hz(note):
    """The frequency in Hz of a MIDI note number (69 is the A of 440 Hz)."""
    return 440.0 * 2 ** ((note - 69) / 12)


def seconds(duration_s):
    """The time axis of a sound, in seconds."""
    return np.arange(round(duration_s * SAMPLE_RATE)) / SAMPLE_RATE


def add(track, start_s, sound):
    """Mix a sound `(2, n)` into a track from a moment on; what runs past the end is cut."""
    start = round(start_s * SAMPLE_RATE)
    end = min(start + sound.shape[-1], track.shape[-1])
    track[:, start:end] += sound[:, : end - start]


def panned(sound, place):
    """A mono sound as stereo at equal power; `place` from -1 (left) to 1 (right)."""
    angle = (place + 1) * np.pi / 4
    return np.stack([np.cos(angle) * sound, np.sin(angle) * sound])


def wander(rng, samples, period_s):
    """A slow smooth random curve from 0 to 1 that turns about every `period_s` seconds."""
    knots = max(4, round(samples / SAMPLE_RATE / period_s) + 3)
    curve = np.interp(np.linspace(0, knots - 1, 40 * knots), np.arange(knots), rng.random(knots))
    smooth = np.convolve(np.pad(curve, 40, mode="edge"), np.hanning(61) / np.hanning(61).sum())
    smooth = smooth[70 : 70 + len(curve)]
    return np.interp(np.linspace(0, 1, samples), np.linspace(0, 1, len(smooth)), smooth)


def fade(track, in_s, out_s):
    """A raised-cosine fade at both ends."""
    result = track.copy()
    for count, part in ((in_s, slice(None)), (out_s, slice(None, None, -1))):
        ramp = 0.5 - 0.5 * np.cos(np.pi * seconds(count) / count)
        result[:, part][:, : len(ramp)] *= ramp
    return result


def filtered(track, gain):
    """A track through a moving filter: `gain(hz, time_s)` multiplies its short-time spectrum."""
    window = signal.get_window("hann", 2048)
    transform = signal.ShortTimeFFT(window, 512, SAMPLE_RATE)
    spectrum = transform.stft(track)
    gains = gain(transform.f[:, None], transform.t(track.shape[-1])[None])
    return transform.istft(spectrum * gains, k1=track.shape[-1])


def reverb(rng, track, decay_s, wet, damping_hz=4500):
    """Room by convolution with noise that dies away, the high notes first."""
    time = seconds(1.25 * decay_s)
    room = rng.standard_normal((2, len(time))) * 10 ** (-3 * time / decay_s)
    room = filtered(room, lambda hz, at: np.exp(-hz / damping_hz * (0.25 + 2.2 * at / decay_s)))
    room *= 1 - np.exp(-time / 0.012)  # a room answers a little later than it is asked
    room /= np.sqrt((room**2).sum(axis=1, keepdims=True))
    answer = signal.fftconvolve(track, room, axes=-1)[:, : track.shape[-1]]
    return track + wet * answer


# --- pad --------------------------------------------------------------------------------

# Start in seconds and MIDI notes: D minor 9, B flat major 7 (sharp 11), F add 9, C 6/9 over E.
PAD_CHORDS = [
    (0.0, (38, 50, 57, 60, 64, 65, 72)),
    (7.5, (34, 46, 53, 57, 62, 64, 69)),
    (15.0, (41, 53, 57, 60, 67, 69, 76)),
    (22.5, (40, 52, 55, 62, 64, 69, 74)),
]
PAD_S, PAD_CHORD_S = 31.0, 9.6


def sawtooth(hz, phase, samples):
    """A saw of a fixed pitch with its corner rounded (polyBLEP), so it hardly aliases."""
    step = hz / SAMPLE_RATE
    t = (phase + step * np.arange(samples)) % 1.0
    saw = 2 * t - 1
    rising, falling = t < step, t > 1 - step
    u = t[rising] / step
    saw[rising] -= 2 * u - u**2 - 1
    u = (t[falling] - 1) / step
    saw[falling] -= u**2 + 2 * u + 1
    return saw


def pad(rng):
    """An ambient pad: four wide chords of detuned saws that open, breathe and glint."""
    track = np.zeros((2, round(PAD_S * SAMPLE_RATE)))
    air, bells = np.zeros_like(track), np.zeros_like(track)
    time = seconds(PAD_CHORD_S)
    shape = np.sin(np.pi * np.clip(time / PAD_CHORD_S, 0, 1)) ** 0.8
    for start_s, notes in PAD_CHORDS:
        for note in notes:
            hz = midi_hz(note)
            for place in (-0.9, -0.3, 0.35, 0.9):
                detuned = hz * 2 ** (rng.normal(0, 5.5) / 1200)
                voice = sawtooth(detuned, rng.random(), len(time))
                swell = 0.35 + 0.65 * wander(rng, len(time), 1.9)
                level = 0.55 if note < 48 else 1.0
                add(track, start_s, panned(level * shape * swell * voice, place * (note > 48)))
            if note > 52:  # breath: noise tuned to the chord, octaves up
                hiss = rng.standard_normal((2, len(time))) * shape
                for octave in (4, 8, 16):
                    if hz * octave < 12_000:
                        b, a = signal.iirpeak(hz * octave, 28, fs=SAMPLE_RATE)
                        add(air, start_s, 1.1 * signal.lfilter(b, a, hiss))
        for _ in range(11):  # glints: short bells on high chord notes
            hz = midi_hz(rng.choice(notes[2:]) + 12 * rng.integers(1, 4))
            at = seconds(2.8)
            wobble = 2.2 * np.exp(-at / 0.25) * np.sin(2 * np.pi * 2.76 * hz * at)
            bell = np.sin(2 * np.pi * hz * at + wobble) * np.exp(-at / 0.7)
            bell *= np.minimum(at / 0.004, 1) * rng.uniform(0.3, 1)
            add(bells, start_s + rng.uniform(0.6, 7.2), panned(bell, rng.uniform(-0.9, 0.9)))

    drift = wander(rng, track.shape[-1], 4.0)

    def opening(hz, at):
        """A lowpass that opens towards the middle of each chord and of the piece."""
        slow = np.interp(at, seconds(PAD_S), drift)
        breath = np.sin(np.pi * at / PAD_S) * (0.65 + 0.35 * np.cos(2 * np.pi * at / 7.5 - 2.6))
        cutoff = 420 * 2 ** (3.1 * np.clip(breath, 0, 1) + 1.0 * slow)
        return (1 + (hz / cutoff) ** 4) ** -0.42 * (hz > 30)

    dry = 0.16 * filtered(track, opening) + 0.20 * air + 0.42 * bells
    return fade(reverb(rng, dry, 4.2, 0.9, 9000), 1.6, 3.0)


# --- strings ----------------------------------------------------------------------------

BEAT_S = 0.62
# One bar of three beats a line: bass, the chord over it, then the tune as (note, beats).
STRINGS_BARS = [
    (40, (52, 55, 59), [(71, 1.5), (69, 0.5), (67, 1)]),
    (36, (52, 55, 60), [(76, 2), (74, 1)]),
    (43, (50, 55, 59), [(71, 2), (67, 0.5), (69, 0.5)]),
    (38, (50, 54, 57), [(69, 3)]),
    (40, (52, 55, 59), [(71, 1.5), (72, 0.5), (74, 1)]),
    (36, (52, 55, 60), [(76, 1.5), (78, 0.5), (79, 1)]),
    (38, (50, 54, 57), [(78, 1), (76, 1), (74, 1)]),
    (43, (50, 55, 59), [(74, 2), (71, 1)]),
    (48, (52, 55, 64), [(76, 1.5), (74, 0.5), (72, 1)]),
    (47, (50, 55, 62), [(74, 1.5), (72, 0.5), (71, 1)]),
    (45, (52, 57, 60), [(72, 1.5), (71, 0.5), (69, 1)]),
    (40, (52, 55, 59), [(71, 2), (64, 0.5), (66, 0.5)]),
    (36, (52, 55, 60), [(67, 1), (69, 1), (71, 1)]),
    (38, (50, 54, 57), [(69, 1), (74, 1), (72, 1)]),
    (47, (51, 57, 59), [(71, 1), (76, 0.5), (75, 1.5)]),
    (40, (52, 55, 59), [(76, 3)]),
]
STRINGS_S = 31.0
PICKING = (0, 1, 2, 1, 2)  # chord notes on the five half beats after the bass


def pluck(rng, note, strength, ring_s, place=0.17):
    """One plucked string: Karplus and Strong's loop (1983), solved in the frequency domain.

    The delay is then exact, so every note is in tune. `place` is where along the string the
    finger is; `ring_s` how long a low partial takes to fall by 60 dB.
    """
    samples = 1 << 18
    hz = midi_hz(note)
    period = SAMPLE_RATE / hz
    noise = np.zeros(samples)
    burst = rng.standard_normal(int(period) + 1)
    noise[: len(burst)] = burst - burst.mean()
    omega = 2 * np.pi * np.fft.rfftfreq(samples)
    hertz = omega * SAMPLE_RATE / (2 * np.pi)
    finger = 1 / (1 + (hertz / (1400 + 5200 * strength)) ** 2)
    comb = 1 - 0.9 * np.exp(-1j * omega * place * period)
    loss = 10 ** (-3 / (ring_s * hz)) * np.exp(-((hertz / 5200) ** 1.2) * 4.0 / hz)
    string = np.fft.rfft(noise) * finger * comb / (1 - loss * np.exp(-1j * omega * period))
    sound = np.fft.irfft(string, samples)[: round(3.6 * SAMPLE_RATE)]
    sound *= np.minimum(1, np.linspace(18, 0, len(sound)))  # damped before the buffer ends
    return strength * sound / np.sqrt((sound[: SAMPLE_RATE // 4] ** 2).mean())


def body(rng, track):
    """The wooden box: a few dozen short resonances beside the string itself."""
    time = seconds(0.25)
    box = np.zeros((2, len(time)))
    modes = [98, 196, 235, 390, 520, *rng.uniform(600, 4200, 30)]
    for hz in modes:
        tone = np.exp(-time * (18 + hz / 22)) * (hz / 200) ** -0.35
        for side in box:
            side += rng.uniform(0.6, 1) * tone * np.sin(2 * np.pi * hz * time + rng.uniform(0, 0.4))
    box /= np.sqrt((box**2).sum(axis=1, keepdims=True))
    return 0.75 * track + 0.65 * signal.fftconvolve(track, box, axes=-1)[:, : track.shape[-1]]


def strings(rng):
    """A small slow waltz in E minor for plucked strings: bass, broken chords and a tune."""
    track = np.zeros((2, round(STRINGS_S * SAMPLE_RATE)))
    start_s = 0.08
    for index, (bass, chord, tune) in enumerate(STRINGS_BARS):
        last = index == len(STRINGS_BARS) - 1
        swell = 0.8 + 0.25 * np.sin(np.pi * index / (len(STRINGS_BARS) - 1))

        def play(beats, note, strength, place, ring_s, start_s=start_s, swell=swell):
            late = max(0.0, start_s + beats * BEAT_S + rng.normal(0, 0.007))
            sound = pluck(rng, note, strength * swell * rng.uniform(0.88, 1.1), ring_s)
            add(track, late, panned(sound, place))

        play(0, bass, 0.55, -0.1, 2.6)
        if last:  # the closing chord is rolled upwards
            for step, note in enumerate((47, 52, 55, 59, 64, 67, 71)):
                play(0.10 + 0.13 * step, note, 0.42, -0.5 + 0.12 * step, 3.4)
        else:
            for step, which in enumerate(PICKING):
                play(0.5 * (step + 1), chord[which], 0.30, -0.55, 1.5)
        beats = 0.0 if not last else 1.1
        for note, length in tune:
            play(beats, note, 0.78, 0.35, 2.2)
            if index in (5, 7, 9, 13):  # a second voice a sixth below warms these bars
                play(beats + 0.02, note - (9 if note in (69, 71, 76, 78) else 8), 0.28, 0.6, 1.8)
            beats += length
        start_s += 3 * BEAT_S * (1.0 if index < 13 else 1.05)
    track = reverb(rng, body(rng, track), 1.7, 0.34, 7000)
    return fade(track, 0.05, 1.6)


# --- rain -------------------------------------------------------------------------------

RAIN_S = 30.0
THUNDER_PEALS = [(0.0, 0.9, 0.8), (0.8, 1.6, 0.75), (2.3, 2.3, 0.9), (4.2, 2.0, 0.4)]


def rain(rng):
    """Rain in gusts of wind: hiss, patter, drops that ring in puddles, one far thunder."""
    samples = round(RAIN_S * SAMPLE_RATE)
    shower = 0.35 + 0.65 * wander(rng, samples, 3.0)
    gusts = [(wander(rng, samples, 2.4) + wander(rng, samples, 0.9) * 0.4) for _ in range(3)]
    times = seconds(RAIN_S)

    def at_times(curve, at):
        return np.interp(at, times, curve)

    def leaves(hz, at):
        """Rain on leaves: broad, brighter as it falls harder."""
        tilt = 2200 + 3800 * at_times(shower, at)
        return (hz / 900) ** 0.5 / (1 + (hz / 900) ** 0.5) * np.exp(-hz / tilt)

    def howl(hz, at):
        """Wind: three broad bands, each climbing with gusts of its own."""
        bands = 0.05 * np.exp(-hz / 260) * (hz > 25)
        for gust, base, weight in zip(gusts, (170, 420, 980), (1.0, 0.55, 0.25), strict=True):
            force = at_times(gust, at)
            octaves = np.log2(np.maximum(hz, 1) / base) - 1.1 * force
            bands = bands + weight * (0.1 + force**1.6) * np.exp(-((octaves / 0.48) ** 2))
        return bands

    noise = rng.standard_normal((4, samples))
    track = 0.55 * shower * filtered(noise[:2], leaves)
    wind = filtered(noise[2:], howl)
    track += 1.2 * (wind + 0.5 * wind[::-1])

    patter = np.zeros((2, samples))  # single drops: clicks, near ones loud and few
    count = 16_000
    where = rng.choice(samples, count, p=shower / shower.sum())
    loud = rng.pareto(1.9, count).clip(0, 7) + 0.2
    place = rng.uniform(0, np.pi / 2, count)
    np.add.at(patter[0], where, loud * np.cos(place))
    np.add.at(patter[1], where, loud * np.sin(place))
    click = rng.standard_normal(180) * np.exp(-np.arange(180) / 26)
    click = signal.lfilter(*signal.butter(1, 1100, "highpass", fs=SAMPLE_RATE), click)
    track += 0.055 * signal.fftconvolve(patter, click[None], axes=-1)[:, :samples]

    for _ in range(210):  # a bubble under a drop rings and climbs (Minnaert, 1933)
        at = seconds(0.16)
        hz = np.exp(rng.uniform(np.log(700), np.log(6500)))
        decay = 26 + hz / 45
        pitch = hz * (1 + rng.uniform(0.4, 3.0) * at)
        plink = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) * np.exp(-decay * at)
        plink *= np.minimum(at / 0.0012, 1) * min(1.5, rng.pareto(2.2) + 0.25) * 0.42
        add(track, rng.uniform(0.3, RAIN_S - 1), panned(plink, rng.uniform(-0.95, 0.95)))

    at = seconds(10.0)  # thunder: peals overlapping, each darker the farther it comes from
    peals = np.zeros_like(at)
    for start_s, length_s, level in THUNDER_PEALS:
        since = np.maximum(at - start_s, 0)
        peals += level * np.exp(-since / length_s) * (1 - np.exp(-since / 0.25))
    rolling = rng.standard_normal((2, len(at))) * peals * (0.5 + wander(rng, len(at), 0.22))
    rumble = filtered(rolling, lambda hz, _: np.exp(-hz / 150) * (hz > 22))
    add(track, 13.2, fade(4.5 * (0.8 * rumble + 0.4 * rumble[::-1]), 0.4, 2.5))
    return fade(reverb(rng, track, 1.4, 0.22, 6000), 1.2, 2.4)
