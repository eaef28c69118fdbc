"""The fields of BlendSettings as command line options that explain themselves."""

import argparse
from dataclasses import Field, fields
from typing import Any

from moss.config import CHOICES, PRESETS, RANGES, BlendSettings
from moss.wishes import EXAMPLE

RENAMED = {
    "start_s": "start",
    "duration_s": "duration",
    "range_nats": "range",
    "smoothing_sigma": "smoothing",
    "population_size": "pop-size",
}
HELP = {
    "the track": {
        "start_s": "where the part of the track begins, in seconds",
        "duration_s": "how long it is, in seconds",
        "mono": "mix the track down to one channel",
    },
    "the picture": {
        "fit": "stretch it over the spectrogram, crop it, or pad it with black",
        "invert": "show its negative",
        "gamma": "raise its brightness to this power; more than 1 darkens it",
        "range_nats": "from black to white, in nats; 12 are 104 dB",
        "low_hz": "the frequency of its bottom edge; the track is untouched below",
        "high_hz": "the frequency of its top edge; auto is the highest there is",
    },
    "the spectrogram": {
        "sample_rate": "of the analysis and of the sounds, in Hz",
        "n_fft": "samples in a window",
        "hop_length": "samples from one window to the next; must divide the window",
        "mixing": "blend log magnitudes (decibels) or linear ones",
    },
    "the mask between the two": {
        "grid_height": "cells in frequency",
        "grid_width": "cells in time; auto grows with the duration",
        "smoothing_sigma": "Gaussian blur, in bins",
        "wishes": "where the music stays and where the picture shows, in seconds of the part "
        f'and hertz, such as "{EXAMPLE}"; a later wish wins over an earlier one, '
        "and the smallest takes some 0.6 s and 350 Hz",
    },
    "the search": {
        "prices": "trade-offs that the seeding solves for",
        "descent_steps": "gradient steps for each of them",
        "population_size": "masks in a generation of NSGA-II, and on the front",
        "generations": "of NSGA-II; 0 keeps the seeds",
        "operators": "move along the front, or cross and mutate as published (slow)",
        "seed": "of every random draw; the same seed gives the same result",
    },
    "the sounds": {
        "representatives": "how many sounds of the front are written",
        "phase": "refine each sound until it replays its design, or keep the track's phase",
        "viewer": "show the picture in windows of 2048, or in any from 1024 to 4096",
        "effort": "how long the phases are refined",
        "bit_depth": "of the WAV files",
    },
}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for every field of BlendSettings, in groups.

    They have no defaults: what was not asked for is absent from the parsed arguments, so that
    only what was overrides a preset or a recorded run.
    """
    for title, texts in HELP.items():
        group = parser.add_argument_group(title)
        for field in fields(BlendSettings):
            if field.name in texts:
                group.add_argument(
                    option_of(field.name),
                    dest=field.name,
                    default=argparse.SUPPRESS,
                    **_kind(field, texts[field.name]),
                )


def asked_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return {field: value} of the settings that were asked for."""
    return {
        field.name: getattr(arguments, field.name)
        for field in fields(BlendSettings)
        if field.name in arguments
    }


def option_of(name: str) -> str:
    """Return the option of a field of BlendSettings, such as "--pop-size"."""
    return "--" + RENAMED.get(name, name).replace("_", "-")


def presets_text() -> str:
    """Return what each preset changes, as options."""
    lines = ["presets:", "  high-res   the defaults above"]
    for name, changes in PRESETS.items():
        words = [f"{option_of(key)} {value}" for key, value in changes.items()]
        for first in range(0, len(words), 3):
            lines.append(f"  {name if first == 0 else '':<10} {' '.join(words[first : first + 3])}")
    return "\n".join(lines) + "\n"


def _kind(field: Field, text: str) -> dict[str, Any]:
    kinds = field.type.split(" | ")
    if kinds == ["bool"]:
        return {"action": argparse.BooleanOptionalAction, "help": text}
    default = "auto" if field.default is None else field.default
    if field.name in CHOICES:
        return {
            "choices": CHOICES[field.name],
            "type": type(field.default),
            "help": f"{text} (default {default})",
        }
    if kinds == ["str"]:
        return {"metavar": "TEXT", "help": text}
    number = {"int": int, "float": float}[kinds[0]]
    low, high = RANGES[field.name]
    return {
        "type": _or_auto(number) if "None" in kinds else number,
        "metavar": "N" if number is int else "X",
        "help": f"{text} (default {default}; {low} to {high})",
    }


def _or_auto(number):
    def parse(text):
        return None if text == "auto" else number(text)

    parse.__name__ = number.__name__  # argparse names it when a value is wrong
    return parse
