"""Sentences on the page: what every handler shares, and how a problem is told."""

from html import escape
from pathlib import Path

from moss.device import words_for

UNEXPECTED = (
    "The run has failed for a reason that MOSS does not know. Try other settings or another pair."
)

SWEPT = (
    "Uploads and results are deleted from this server two hours after the page is closed, "
    "or earlier where it needs room."
)
STAYING = "Everything stays on this computer; results are kept in the folder <code>results</code>."
GONE = "That result had to make room for newer ones; what you kept of it is still yours."

# Private handlers that draw no spinner of Gradio's: the page tells of progress itself.
QUIET = {"show_progress": "hidden", "api_visibility": "private"}


def about_files(results: Path | None, device: str) -> str:
    """Return the HTML that says what happens to files and where the work is done."""
    return f"<p>{STAYING if results else SWEPT} This page computes on {words_for(device)}.</p>"


def waiting(ahead: int) -> str:
    """Return what somebody is told before whose run so many others come, one at least."""
    return f"Waiting: {ahead} run{'s' if ahead > 1 else ''} before yours"


def told(problem: str) -> str:
    """Return the HTML of a problem's sentence, which screen readers say at once; "" for none."""
    return f'<p class="moss-problem" role="alert">{escape(problem)}</p>' if problem else ""
