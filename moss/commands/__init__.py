"""The commands of the command line: their options, and what each of them does."""

from moss.commands.blend import add_blend, add_steer
from moss.commands.deploy import add_deploy
from moss.commands.live import add_live
from moss.commands.shared import EXAMPLES, EXIT_CODES
from moss.commands.sonify import add_sonify

__all__ = [
    "EXAMPLES",
    "EXIT_CODES",
    "add_blend",
    "add_deploy",
    "add_live",
    "add_sonify",
    "add_steer",
]
