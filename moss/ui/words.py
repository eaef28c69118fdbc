"""Sentences of the page that several of its parts show, and the HTML around them."""

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
STAYING = "Everything stays on this computer; results are kept in the folder <code>{}</code>."
GONE = "That result had to make room for newer ones; what you kept of it is still yours."


def notice_html(results: Path | None, device: str) -> str:
    """Return the HTML that says what happens to files and where the work is done."""
    files = STAYING.format(escape(results.name)) if results else SWEPT
    return f"<p>{files} This page computes on {words_for(device)}.</p>"


def waiting_text(ahead: int) -> str:
    """Return the words for a visitor before whose run `ahead` others come, at least one."""
    return f"Waiting: {ahead} run{'s' if ahead > 1 else ''} before yours"


def problem_html(problem: str) -> str:
    """Return the HTML of a problem's sentence, which screen readers say at once; "" for none."""
    return f'<p class="moss-problem" role="alert">{escape(problem)}</p>' if problem else ""
