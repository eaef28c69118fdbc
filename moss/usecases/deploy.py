"""The Hugging Face Space: which files it needs, and how they get there."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING

from moss.errors import InputError, MossError, OutputError

# Importing huggingface_hub takes a second, so only what talks to the Hub imports it.
if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.hf_api import SpaceInfo

ROOT = Path(__file__).resolve().parents[2]
SINGLE = ("app.py", "requirements.txt", "packages.txt", "README.md", "LICENSE")
# By name: a person's own pictures and tracks may lie beside them.
EXAMPLES = (
    *("fern.jpg", "galaxy.jpg", "handwriting.png", "moon.webp"),
    *("pad.ogg", "rain.ogg", "strings.ogg"),
)
# What is taken of each folder and of those in it.
FOLDERS = {
    "moss": ("*.py", "py.typed"),
    "moss/ui": ("*.css", "*.html", "*.js"),
    "moss/ui/components/about/pictures": ("*.webp",),
    "examples/first": ("*",),
    "examples/first_sound": ("*",),
}
README_PICTURE = re.compile(r"docs/[\w./-]+\.(?:png|jpe?g|webp|gif|svg)")  # pictures in README.md

# Those of the Hub's that have one GPU at most: MOSS uses one.
HARDWARE = (
    *("cpu-basic", "cpu-upgrade", "zero-a10g", "t4-small", "t4-medium", "l4x1", "l40sx1"),
    *("a10g-small", "a10g-large", "a100-large", "rtx-pro-6000"),
)
HUB_FILE = ".gitattributes"  # the Hub's own, and it says how the Hub keeps large files
CONNECT_S, ANSWER_S = 15, 120  # huggingface_hub itself would wait for ever
MOST_CHARACTERS = 300  # of what a server said, in the middle of a sentence
LOG_IN = "log in with `hf auth login`, or put a token with write permission into HF_TOKEN"


def space_files(root: Path = ROOT) -> list[str]:
    """Return the files of the folder `root` that the Space needs, sorted, as a/b paths.

    Raises
    ------
    InputError
        One of them is missing, as where MOSS was installed without its repository.
    """
    names = {*SINGLE, *(f"examples/{name}" for name in EXAMPLES)}
    if (root / "README.md").is_file():
        names |= set(README_PICTURE.findall((root / "README.md").read_text(encoding="utf-8")))
    for folder, patterns in FOLDERS.items():
        found = [path for pattern in patterns for path in (root / folder).rglob(pattern)]
        within = [path.relative_to(root) for path in found if path.is_file()]
        # Hidden files are those of a file manager or an editor.
        visible = [path for path in within if not any(part[0] == "." for part in path.parts)]
        names |= {path.as_posix() for path in visible} or {folder}
    missing = sorted(name for name in names if not (root / name).is_file())
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{missing[0]}{more} not found in {root}; deploy from a whole MOSS.")
    return sorted(names)


def listing(root: Path = ROOT) -> str:
    """Return the files that the Space needs as text: a line for each with its bytes, and all."""
    sizes = {name: (root / name).stat().st_size for name in space_files(root)}
    lines = [f"{size:>10,}  {name}" for name, size in sizes.items()]
    return "\n".join([*lines, f"{sum(sizes.values()):>10,}  bytes in {len(sizes)} files"])


def check_repo_id(repo_id: str) -> None:
    """Do nothing if `repo_id` can name a Space, as USER/NAME.

    Raises
    ------
    InputError
        It cannot.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo_id)
        wrong = repo_id.count("/") != 1
    except HFValidationError:
        wrong = True
    if wrong:
        raise InputError(
            f"{repo_id!r} cannot name a Space; give USER/NAME of letters, digits, '-', '_' and "
            "'.', such as ada/moss."
        )


def deploy(
    repo_id: str,
    *,
    hardware: str | None = None,
    private: bool = False,
    tell: Callable[[str], None] = lambda step: None,
    root: Path = ROOT,
) -> str:
    """Make the Space `repo_id` what `root` is, and return its address.

    A Space that is not there is made, on cpu-basic unless `hardware` is given. One that is there
    keeps its hardware and who may see it, unless asked otherwise. Its files change in one
    commit, in which files that are no longer part of MOSS go; a new Space whose upload fails
    stays empty until the next time.

    Parameters
    ----------
    repo_id : str
        USER/NAME of the Space.
    hardware : str, optional
        One of HARDWARE.
    private : bool
        Hide the Space from others.
    tell : callable
        Called with a few words at every step.
    root : Path
        A whole MOSS.

    Raises
    ------
    InputError
        The id or the token is wrong, files are missing, or the Space holds something else.
    OutputError
        The Hub refuses or cannot be reached.
    """
    check_repo_id(repo_id)
    contents = {name: _read(root / name) for name in space_files(root)}
    with _mapped_errors(repo_id):
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, SpaceHardware

        api = _hub_client()
        tell(f"asking the Hub for the Space {repo_id}")
        url = api.create_repo(
            repo_id,
            repo_type="space",
            space_sdk="gradio",
            space_hardware=SpaceHardware(hardware or "cpu-basic"),
            private=private or None,
            exist_ok=True,
        )
        space = api.space_info(repo_id)
        there = {file.rfilename for file in space.siblings or ()}
        _check_ours(repo_id, there)
        if private and not space.private:
            tell("making it private")
            api.update_repo_settings(repo_id, private=True, repo_type="space")
        if hardware and hardware != _hardware_of(space):
            tell(f"asking for {hardware}")
            api.request_space_hardware(repo_id, SpaceHardware(hardware))
        old = sorted(there - contents.keys() - {HUB_FILE})
        tell(f"uploading {len(contents)} files" + (f", deleting {len(old)}" if old else ""))
        commit = api.create_commit(
            repo_id,
            repo_type="space",
            operations=[
                *(CommitOperationAdd(name, content) for name, content in contents.items()),
                *(CommitOperationDelete(name, is_folder=False) for name in old),
            ],
            commit_message="Deploy MOSS",
        )
    changed = commit.oid != space.sha
    tell("done; the Space builds now, for some minutes" if changed else "done; nothing was new")
    return str(url)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def _hub_client() -> HfApi:
    """Set huggingface_hub up for this process, and return its client with the person's token."""
    import httpx2  # what huggingface_hub talks HTTP with
    from huggingface_hub import HfApi, constants, get_token, set_client_factory
    from huggingface_hub.utils import disable_progress_bars, logging

    if constants.is_offline_mode():
        raise InputError("HF_HUB_OFFLINE forbids to reach the Hub; unset it to deploy.")
    token = get_token()
    if token is None:
        raise InputError(f"There is no Hugging Face token; {LOG_IN}.")
    if not (token.isascii() and token.isprintable()):
        raise InputError(f"The Hugging Face token has a character that none can have; {LOG_IN}.")
    timeout = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
    set_client_factory(lambda: httpx2.Client(follow_redirects=True, timeout=timeout))
    logging.set_verbosity_error()  # what is retried in silence, or else fails with a sentence
    disable_progress_bars()
    return HfApi(token=token)


def _check_ours(repo_id: str, there: set[str]) -> None:
    made_by_the_hub = {HUB_FILE, "README.md"}
    if there - made_by_the_hub and "moss/__main__.py" not in there:
        raise InputError(
            f"The Space {repo_id} holds something else, which would be deleted; "
            "choose another name, or empty it first."
        )


def _hardware_of(space: SpaceInfo) -> str | None:
    """Return the hardware that a Space has or has been asked for, None where it has none yet."""
    runtime = space.runtime
    return None if runtime is None else runtime.requested_hardware or runtime.hardware


@contextmanager
def _mapped_errors(repo_id: str) -> Iterator[None]:
    """Turn what huggingface_hub raises inside into a MossError."""
    import httpx2
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError, OIDCError

    hub = constants.ENDPOINT or "The Hub"
    try:
        yield
    except HfHubHTTPError as error:
        raise _refusal(error, repo_id) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OutputError(
            f"{hub} cannot be reached ({_one_line(error)}); "
            "check the network, and HF_ENDPOINT if it is set."
        ) from error
    except (JSONDecodeError, KeyError) as error:
        raise OutputError(f"{hub} does not answer as the Hub does; check HF_ENDPOINT.") from error
    # OSError and RuntimeError are what the upload of binary files raises.
    except (OIDCError, OSError, RuntimeError, ValueError) as error:
        raise OutputError(f"The deploy failed ({_one_line(error)}); try again.") from error


def _refusal(error: HfHubHTTPError, repo_id: str) -> MossError:
    """Return what the Hub's answer means for a person."""
    status = error.response.status_code
    answer = f"{status}: {_one_line(error.server_message or error.response.reason_phrase)}"
    if status == 401:
        return InputError(f"The Hub does not accept the token ({answer}); {LOG_IN}.")
    if status == 402:
        return InputError(
            f"The Hub wants to be paid for this ({answer}); choose another --hardware, or see "
            "https://huggingface.co/pricing."
        )
    if status == 403:
        return InputError(
            f"The token may not do this to {repo_id} ({answer}); it needs write permission there, "
            "which https://huggingface.co/settings/tokens grants."
        )
    return OutputError(f"The Hub did not do it ({answer}); check --repo-id, or try again later.")


def _one_line(text: object) -> str:
    """Return what a library or a server said, short enough for the middle of a sentence."""
    line = textwrap.shorten(str(text), MOST_CHARACTERS, placeholder=" ...").rstrip(".!")
    return re.sub(r"[.!?] (?=[A-Z])", "; ", line)
