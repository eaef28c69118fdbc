"""Sentences on the page: what every handler shares, and how a problem is told."""

from html import escape

UNEXPECTED = (
    "The run has failed for a reason that MOSS does not know. Try other settings or another pair."
)

# Private handlers that draw no spinner of Gradio's: the page tells of progress itself.
QUIET = {"show_progress": "hidden", "api_visibility": "private"}


def told(problem: str) -> str:
    """Return the HTML of a problem's sentence, which screen readers say at once; "" for none."""
    return f'<p class="moss-problem" role="alert">{escape(problem)}</p>' if problem else ""
