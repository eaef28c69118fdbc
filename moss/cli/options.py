"""The fields of the settings as command line options that explain themselves."""

import argparse
from dataclasses import Field, dataclass, fields
from types import ModuleType
from typing import Any

from moss.settings import blend as config
from moss.settings import sonify
from moss.settings.wishes import EXAMPLE

RENAMED = {
    "gap_s": "gap",
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
        "audio_weights": "trade-offs that the seeding solves for",
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


SONIFY_HELP = {
    "the picture": {
        "duration_s": "how long each picture and array lasts",
        "gap_s": "silence between parts",
        "rows": "that a picture is read with; auto is one for every bin",
        "invert": "make a sound of its negative",
        "gamma": "raise its brightness to this power; more than 1 darkens it",
        "contrast": "stretch its brightness around the middle",
        "range_nats": "from black to white, in nats; 12 are 104 dB",
    },
    "the spectrogram": {
        "scale": "how the rows lie over frequency: evenly in hertz, in octaves, or in mel",
        "low_hz": "the frequency of the bottom edge; auto is 0, or 40 in octaves",
        "high_hz": "the frequency of the top edge; auto is the highest there is",
        "sample_rate": "in Hz",
        "n_fft": "samples in a window, even",
        "hop_length": "samples from one window to the next, at most half the window",
    },
    "the sound": {
        "phase": "refined until it shows the picture, from the magnitudes alone, or Griffin-Lim",
        "effort": "how long the phases are sought",
        "bit_depth": "of the WAV file",
        "seed": "of every random draw; the same seed gives the same result",
    },
}


@dataclass(frozen=True)
class Options:
    """The settings that a command has: the module and the class they are in, and their help."""

    module: ModuleType
    settings: type
    help: dict[str, dict[str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that have help, in its order."""
        return tuple(name for texts in self.help.values() for name in texts)

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add an option for every field, in groups.

        They have no defaults: what was not asked for is absent from the parsed arguments, so that
        only what was overrides a preset or a recorded run.
        """
        for title, texts in self.help.items():
            group = parser.add_argument_group(title)
            for field in fields(self.settings):
                if field.name in texts:
                    group.add_argument(
                        option_of(field.name),
                        dest=field.name,
                        default=argparse.SUPPRESS,
                        **self._kind(field, texts[field.name]),
                    )

    def asked(self, arguments: argparse.Namespace) -> dict[str, Any]:
        """Return {field: value} of the settings that were asked for."""
        return {
            field.name: getattr(arguments, field.name)
            for field in fields(self.settings)
            if field.name in arguments
        }

    def presets_text(self) -> str:
        """Return what each preset changes, as options."""
        lines = ["presets:"]
        for name, changes in self.module.PRESETS.items():
            words = [f"{option_of(key)} {value}" for key, value in changes.items()]
            for first in range(0, len(words) or 1, 3):
                said = " ".join(words[first : first + 3]) or "the defaults above"
                lines.append(f"  {name if first == 0 else '':<10} {said}")
        return "\n".join(lines) + "\n"

    def _kind(self, field: Field, text: str) -> dict[str, Any]:
        kinds = field.type.split(" | ")
        if kinds == ["bool"]:
            return {"action": argparse.BooleanOptionalAction, "help": text}
        default = "auto" if field.default is None else field.default
        if field.name in self.module.CHOICES:
            return {
                "choices": self.module.CHOICES[field.name],
                "type": type(field.default),
                "help": f"{text} (default {default})",
            }
        if kinds == ["str"]:
            return {"metavar": "TEXT", "help": text}
        number = {"int": int, "float": float}[kinds[0]]
        low, high = self.module.RANGES[field.name]
        return {
            "type": _or_auto(number) if "None" in kinds else number,
            "metavar": "N" if number is int else "X",
            "help": f"{text} (default {default}; {low} to {high})",
        }


BLEND = Options(config, config.BlendSettings, HELP)
SONIFY = Options(sonify, sonify.SonifySettings, SONIFY_HELP)


def option_of(name: str) -> str:
    """Return the option of a field of the settings, such as "--pop-size"."""
    return "--" + RENAMED.get(name, name).replace("_", "-")


def _or_auto(number):
    def parse(text):
        return None if text == "auto" else number(text)

    parse.__name__ = number.__name__  # argparse names it when a value is wrong
    return parse
