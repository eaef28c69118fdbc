"""The command that goes on with a finished run."""

import argparse

from moss.cli.shared import (
    Commands,
    add_command,
    add_device,
    add_output,
    check_output,
    device_of,
    tell,
)
from moss.errors import InputError
from moss.settings.wishes import EXAMPLE


def add_steer(commands: Commands) -> None:
    """Add the command "steer" with its options."""
    parser = add_command(
        commands,
        "steer",
        _steer,
        summary="a finished run goes on: more picture, more music, or another weight",
        description=(
            "Go on with a finished run. The search starts from its front and looks further\n"
            "where you aim; up to three new points there get sounds, beside all that it has.\n"
            "What comes out is a folder like any run's; DIR stays as it is."
        ),
        usage="%(prog)s DIR --toward SIDE --point K --output DIR2 [...]\n"
        "       %(prog)s DIR --music WEIGHT --output DIR2 [...]",
    )
    parser.add_argument("folder", metavar="DIR", help="the folder of a finished run")
    aim = parser.add_argument_group("the aim")
    aim.add_argument("--toward", choices=("picture", "music"), help="more of that, from a point")
    aim.add_argument(
        "--point", metavar="K", type=int, help="of the run's table, from which --toward starts"
    )
    aim.add_argument(
        "--music",
        metavar="WEIGHT",
        type=float,
        help="of the audio loss, between 0 and 1: 0.8 is 80 to 20 for the ear",
    )
    aim.add_argument(
        "--wishes",
        metavar="TEXT",
        help=f'in place of the run\'s, such as "{EXAMPLE}"; "" drops them. Where they change, '
        "all sounds are made again",
    )
    add_output(parser.add_argument_group("files"))
    add_device(parser)


def _steer(arguments: argparse.Namespace) -> None:
    check_output(arguments)
    if arguments.toward and arguments.point is None:
        raise InputError("It is not said from where; give the place of a point with --point.")
    if arguments.point is not None and not arguments.toward:
        raise InputError("It is not said where to go from the point; give --toward.")

    from moss.usecases.steer import Aim, steer

    aim = Aim(arguments.toward, arguments.point or 0, arguments.music)
    work = steer(
        arguments.folder,
        arguments.output,
        aim,
        wishes=arguments.wishes,
        device=device_of(arguments.device),
        overwrite=arguments.overwrite,
    )
    tell(work, arguments)
