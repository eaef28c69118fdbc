"""Three pictures made from nothing but numbers: fern, moon, galaxy.

Every function takes a random generator and returns `(height, width, 3)` in 0 to 1, upright,
on a dark ground, since black is silence in a spectrogram.
"""

import numpy as np
from scipy import ndimage

HEIGHT, WIDTH = 800, 1000


def fractal_noise(rng, shape, slope):
    """Periodic noise of unit deviation whose amplitude falls as frequency to the `-slope`."""
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    radius = np.hypot(fy, fx)
    radius[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) * radius**-slope
    noise = np.fft.irfft2(spectrum, s=shape)
    return noise / noise.std()


def sample(tile, y, x):
    """A periodic tile looked up at fractional coordinates."""
    return ndimage.map_coordinates(tile, [y, x], order=1, mode="grid-wrap")


def smoothstep(low, high, x):
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def scatter(y, x, weights=None, shape=(HEIGHT, WIDTH)):
    """Points summed into pixels; those outside are left out."""
    inside = (y >= 0) & (y < shape[0]) & (x >= 0) & (x < shape[1])
    flat = y[inside].astype(int) * shape[1] + x[inside].astype(int)
    weights = None if weights is None else weights[inside]
    return np.bincount(flat, weights, shape[0] * shape[1]).reshape(shape)


# --- fern -------------------------------------------------------------------------------

# Barnsley's four maps, rows (a, b, c, d, e, f): x' = ax + by + e, y' = cx + dy + f.
FERN_MAPS = np.array(
    [
        (0.00, 0.00, 0.00, 0.16, 0.0, 0.00),
        (0.85, 0.04, -0.04, 0.85, 0.0, 1.60),
        (0.20, -0.26, 0.23, 0.22, 0.0, 1.60),
        (-0.15, 0.28, 0.26, 0.24, 0.0, 0.44),
    ]
)
FERN_ODDS = (0.02, 0.84, 0.07, 0.07)
FERN_SHADES = np.array((0.25, 1.0, 0.55, 0.45))


def frond_points(rng, walkers=150_000, steps=40):
    """Chaos game by many walkers at once: x, y and a shade that remembers the maps taken."""
    x, y, shade = rng.uniform(0, 1, (3, walkers))
    kept = []
    for step in range(steps):
        choice = rng.choice(4, walkers, p=FERN_ODDS)
        a, b, c, d, e, f = FERN_MAPS[choice].T
        x, y = a * x + b * y + e, c * x + d * y + f
        shade = 0.6 * shade + 0.4 * FERN_SHADES[choice]
        if step >= 15:
            kept.append((x, y, shade))
    return (np.concatenate(part) for part in zip(*kept, strict=True))


def fern(rng):
    """A clump of Barnsley ferns lit from the upper left, the nearest frond the brightest."""
    x, y, shade = frond_points(rng)
    canvas = np.zeros((HEIGHT, WIDTH, 3))
    glow = fractal_noise(rng, (HEIGHT, WIDTH), 2.6)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    pool = np.exp(-(((columns - 500) / 420) ** 2) - ((rows - 380) / 340) ** 2)
    canvas += (0.05 * pool * (1 + 0.35 * glow)).clip(0)[..., None] * (0.5, 1.0, 0.8)

    fronds = [  # lean in degrees, pixels per unit, mirrored, blur, brightness
        (-72, 54, False, 2.2, 0.34),
        (70, 54, True, 2.2, 0.34),
        (-47, 68, False, 1.2, 0.55),
        (44, 69, True, 1.2, 0.55),
        (-22, 74, False, 0.6, 0.8),
        (20, 73, True, 0.6, 0.8),
        (-2, 77, False, 0.5, 1.0),
    ]
    for lean, scale, mirrored, blur, brightness in fronds:
        angle = np.deg2rad(lean)
        side = -x if mirrored else x
        px = 500 + scale * (side * np.cos(angle) + y * np.sin(angle))
        py = 800 - scale * (y * np.cos(angle) - side * np.sin(angle))
        count = scatter(py, px)
        tone = ndimage.gaussian_filter(scatter(py, px, shade), blur)
        count = ndimage.gaussian_filter(count, blur)
        tone = tone / np.maximum(count, 1e-6)
        alpha = 1 - np.exp(-0.45 * count)
        # A leaf is thickest where points are dense: its slope towards the light is the relief.
        relief = ndimage.gaussian_filter(np.log1p(count), 1.8)
        light = 0.42 - 0.9 * (np.gradient(relief, axis=1) + np.gradient(relief, axis=0))
        value = brightness * (0.14 + 0.76 * tone**2.0) * (0.3 + 1.1 * np.clip(light, 0, 1.3))
        colour = np.stack([1.05 * value**1.35, 1.05 * value**0.9, 0.75 * value**1.6], axis=-1)
        shadow = ndimage.gaussian_filter(alpha, 9)
        canvas *= 1 - 0.85 * shadow[..., None]
        canvas += alpha[..., None] * (colour - canvas)
    bloom = ndimage.gaussian_filter(canvas, (14, 14, 0))
    return np.clip(canvas + 0.2 * bloom, 0, 1)


# --- moon over waves --------------------------------------------------------------------

HORIZON = 430
MOON_Y, MOON_X, MOON_RADIUS = 205, 520, 88
FOCAL = 900.0


def sky(rng):
    """The night above the horizon, `(HORIZON, WIDTH, 3)`: gradient, stars, moon, clouds."""
    rows, columns = np.mgrid[0:HORIZON, 0:WIDTH].astype(float)
    away = np.hypot(rows - MOON_Y, columns - MOON_X) / MOON_RADIUS
    low = (rows / HORIZON)[..., None]
    image = (1 - low) * (0.004, 0.008, 0.03) + low * (0.03, 0.055, 0.12)
    image += (0.34 * np.exp(-0.7 * away))[..., None] * (0.75, 0.85, 1.0)

    points = rng.uniform((0, 0), (HORIZON, WIDTH), (420, 2)).T
    stars = scatter(*points, rng.pareto(1.6, 420) + 0.3, (HORIZON, WIDTH))
    stars = ndimage.gaussian_filter(stars, 0.8) * 0.9
    image += np.minimum(stars, 0.8)[..., None] * (0.9, 0.95, 1.0) * (1 - 0.9 * low)

    disc = smoothstep(1.012, 0.988, away)
    seas = ndimage.gaussian_filter(fractal_noise(rng, (512, 512), 1.9), 1.0)
    seas = seas[(rows - MOON_Y + 256).astype(int) % 512, (columns - MOON_X + 256).astype(int) % 512]
    craters = fractal_noise(rng, (HORIZON, WIDTH), 1.1)
    limb = np.sqrt(np.clip(1 - away**2, 0, 1))
    face = 1.9 - 0.85 * smoothstep(0.1, 1.3, seas) + 0.04 * craters
    face = face * (0.72 + 0.28 * limb**0.7)
    image += disc[..., None] * (face[..., None] * (1.0, 0.97, 0.88) - image)

    # Clouds lie on a flat ceiling, so they crowd together towards the horizon.
    height = (HORIZON - rows + 26) / FOCAL
    tile = fractal_noise(rng, (1024, 1024), 1.9)
    detail = fractal_noise(rng, (1024, 1024), 1.5)
    across, deep = (columns - MOON_X) / FOCAL / height, 1 / height
    density = sample(tile, 60 * deep + 330, 95 * across + 180)
    density += 0.32 * sample(detail, 70 * deep, 110 * across)
    clearing = 1.3 * np.exp(-((away / 1.5) ** 2))
    cover = smoothstep(-0.2, 1.9, density + 0.3 * low[..., 0] - clearing)
    lining = 6.75 * cover * (1 - cover) ** 2
    lit = np.exp(-0.36 * away)
    cloud = (0.015 + 0.20 * lit)[..., None] * (0.55, 0.72, 1.0)
    cloud = cloud + (1.25 * lining * lit**1.2)[..., None] * (1.0, 0.96, 0.88)
    return image + (0.92 * cover)[..., None] * (cloud - image)


def wave_slopes(rng, x, z):
    """Slopes across and along the view of a wind sea, and the variance too fine to be drawn."""
    across, along = np.zeros((2, *x.shape))
    lost = np.zeros_like(z)  # distance, and so blur, is the same along a row
    fine_x = z / FOCAL
    fine_z = z**2 / FOCAL
    for wavelength in np.geomspace(2.6, 0.035, 60):
        k = 2 * np.pi / wavelength
        heading = rng.normal(0.25, 0.55)
        kx, kz = k * np.sin(heading), k * np.cos(heading)
        steepness = 0.033 * (wavelength / 0.6) ** 0.12
        seen = np.exp(-0.5 * ((kx * fine_x) ** 2 + (kz * fine_z) ** 2))
        slope = steepness * seen * np.cos(kx * x + kz * z + rng.uniform(0, 2 * np.pi))
        across += slope * np.sin(heading)
        along += slope * np.cos(heading)
        lost += 0.5 * steepness**2 * (1 - seen**2)
    return across, along, lost


def sea(rng):
    """The water under the horizon, `(HEIGHT - HORIZON, WIDTH, 3)`: facets mirroring the night."""
    over = 2  # a glitter path aliases at one ray a pixel
    rows, columns = np.ogrid[0 : over * (HEIGHT - HORIZON), 0 : over * WIDTH]
    down = (rows + 0.5) / over / FOCAL + 0.004
    aside = ((columns + 0.5) / over - MOON_X) / FOCAL
    z = 1 / down
    across, along, lost = wave_slopes(rng, aside * z, z)
    # Mirror the ray (aside, -down, 1) at the facet with normal (-across, 1, -along).
    dot = -aside * across - down - along
    scale = 2 * dot / (1 + across**2 + along**2)
    out_x, out_y, out_z = aside + scale * across, -down - scale, 1 + scale * along
    out_z = np.maximum(out_z, 0.2)
    bearing, lift = out_x / out_z, np.abs(out_y) / out_z
    moon_lift = (HORIZON - MOON_Y) / FOCAL
    spread = (MOON_RADIUS / FOCAL) ** 2 * 0.5 + 0.9 * lost
    off = bearing**2 / (0.55 * spread) + (lift - moon_lift) ** 2 / (2.2 * spread)
    glitter = 0.020 * np.exp(-0.5 * off) / spread
    haze = 0.24 * np.exp(-(np.hypot(bearing, lift - moon_lift)) / 0.30)
    facing = np.clip(-dot / np.sqrt(1 + aside**2 + down**2), 0, 1)
    fresnel = 0.06 + 0.94 * (1 - facing) ** 4
    night = 0.10 * np.exp(-lift / 0.35) + 0.015
    image = (fresnel * night)[..., None] * (0.62, 0.82, 1.25)
    image += (fresnel * haze)[..., None] * (0.75, 0.9, 1.1)
    image += (np.minimum(glitter, 1.5) * (0.35 + 0.65 * fresnel))[..., None] * (1.0, 0.96, 0.86)
    image += (0.03 * smoothstep(0.0, 0.5, along + 0.2))[..., None] * (0.10, 0.42, 0.62)
    image *= (1 - 0.6 * np.exp(-rows / over / 45))[..., None] * (0.94, 0.98, 1.06)
    return image.reshape(HEIGHT - HORIZON, over, WIDTH, over, 3).mean(axis=(1, 3))


def moon(rng):
    """A moonlit sea: the moon in broken cloud, its light lying on the waves."""
    image = np.concatenate([sky(rng), sea(rng)])
    rows = np.arange(HEIGHT)[:, None, None]
    image += 0.03 * np.exp(-np.abs(rows - HORIZON) / 10) * np.array((0.6, 0.8, 1.0))
    image += 0.15 * ndimage.gaussian_filter(image, (24, 24, 0))
    return 1 - np.exp(-1.5 * image)


# --- galaxy -----------------------------------------------------------------------------


def galaxy(rng):
    """A two-armed spiral seen at a slant: bulge, blue arms, dust lanes, star fields."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    turn = np.deg2rad(-24)
    x, y = (columns - 500) / 400, (rows - 400) / 400
    major, minor = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    minor = minor / 0.7
    radius = np.hypot(major, minor) + 1e-3
    theta = np.arctan2(minor, major)

    # Everything in the disc is sheared along the arms: noise is read in their coordinates.
    size, winding = 1024, 2.9
    rough, fine = (fractal_noise(rng, (size, size), slope) for slope in (1.5, 1.0))
    log_r = np.log(radius)
    along = size / (2 * np.pi)
    swirl = (theta + winding * log_r) * along
    texture = sample(rough, log_r * along * 1.5, swirl)
    grain = sample(fine, log_r * along * 3.0, 2 * swirl)
    phase = 2 * (theta + winding * log_r) + 0.42 * texture
    arms = np.exp(2.1 * (np.cos(phase) - 1)) + 0.22 * np.exp(3 * (np.cos(phase + 2.4) - 1))
    disc = np.exp(-radius / 0.42) * smoothstep(1.32, 0.75, radius)
    bulge = np.exp(-((np.hypot(major, 0.78 * minor) / 0.075) ** 0.85))

    clumps = np.exp(0.42 * grain + 0.38 * texture)
    young = disc * arms * clumps * smoothstep(0.05, 0.28, radius)
    old = disc * (0.30 + 0.25 * arms)
    lane = np.exp(5.0 * (np.cos(phase - 0.95) - 1)) * np.exp(0.55 * grain)
    filaments = smoothstep(0.35, 1.7, texture + 0.7 * grain)
    dust = (1.5 * lane + 0.75 * filaments) * smoothstep(0.03, 0.16, radius) * np.exp(-radius / 0.55)

    light = 3.4 * young[..., None] * (0.60, 0.80, 1.18)
    light = light + 1.0 * old[..., None] * (1.0, 0.84, 0.62)
    light = light + 3.6 * bulge[..., None] * (1.0, 0.86, 0.62)
    light = light * np.exp(-dust[..., None] * (0.85, 1.15, 1.55))

    def strewn(count, density, blur, power):
        spots = rng.choice(density.size, count, p=(density / density.sum()).ravel())
        flux = np.minimum(rng.pareto(power, count) + 0.2, 12)
        image = np.bincount(spots, flux, density.size).reshape(density.shape)
        return ndimage.gaussian_filter(image, blur)

    outer = young * smoothstep(0.1, 0.3, radius)
    light += 0.55 * strewn(4200, outer + 0.02 * disc, 0.75, 1.7)[..., None] * (0.75, 0.9, 1.2)
    light += 4.5 * strewn(300, outer**1.5, 2.4, 2.2)[..., None] * (1.25, 0.42, 0.62)

    field = np.ones((HEIGHT, WIDTH))
    light += 0.42 * strewn(900, field, 0.7, 1.3)[..., None] * (1.0, 0.95, 0.9)
    bright = strewn(16, field, 0.0, 1.4)
    spikes = ndimage.gaussian_filter(bright, (0.5, 9)) + ndimage.gaussian_filter(bright, (9, 0.5))
    halo = ndimage.gaussian_filter(bright, 1.5) * 6 + 2.2 * spikes
    light += np.minimum(halo, 6)[..., None] * (0.9, 0.95, 1.1)
    light += 0.16 * ndimage.gaussian_filter(light, (22, 22, 0))
    return np.clip(np.arcsinh(6 * light) / np.arcsinh(6 * 2.6), 0, 1) ** 1.1
