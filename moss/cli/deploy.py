"""The command that makes the page a Hugging Face Space."""

import argparse
import sys
import time

from moss.cli.shared import Commands, add_command
from moss.usecases.deploy import HARDWARE, check_repo_id, deploy, listing


def add_deploy(commands: Commands) -> None:
    """Add the command "deploy" with its options."""
    parser = add_command(
        commands,
        "deploy",
        _deploy,
        summary="the page becomes a Hugging Face Space, or a Space of yours is updated",
        description=(
            "Make a Hugging Face Space of this MOSS, or update the one that is there. Exactly\n"
            "the files that the page needs go there, in one commit; files of an earlier MOSS\n"
            "that are no longer part of it are deleted. Needs a token with write permission:\n"
            "log in with `hf auth login`, or put it into HF_TOKEN."
        ),
    )
    parser.add_argument("--repo-id", metavar="USER/NAME", required=True, help="of the Space")
    parser.add_argument(
        "--hardware",
        metavar="NAME",
        choices=HARDWARE,
        help=f"{', '.join(HARDWARE)}; zero-a10g is ZeroGPU, and most cost money. "
        "A new Space gets cpu-basic unless told otherwise, one that is there keeps what it has",
    )
    parser.add_argument(
        "--private", action="store_true", help="only you, or your organization, may see it"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="list the files and their bytes; contact nobody"
    )


def _deploy(arguments: argparse.Namespace) -> None:
    check_repo_id(arguments.repo_id)
    if arguments.dry_run:
        print(listing())
        return
    started = time.perf_counter()

    def tell(step: str) -> None:
        seconds = time.perf_counter() - started
        print(f"{seconds:7.1f} s  {step}", file=sys.stderr, flush=True)

    hardware, private = arguments.hardware, arguments.private
    print(deploy(arguments.repo_id, hardware=hardware, private=private, tell=tell))
