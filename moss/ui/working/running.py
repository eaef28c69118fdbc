"""What every run on the page has in common: it begins at once, and what goes wrong is told."""

import logging
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import gradio as gr
from gradio.components import Component

from moss.errors import MossError
from moss.ui.words import QUIET, UNEXPECTED, told

EMPTY = MappingProxyType({})

# Brings a part of the page into sight unless it begins there. What the function returns would be
# an event's values, and newer browsers return something from scrolling.
INTO_SIGHT = """() => {
    const part = document.querySelector('%s');
    const {top} = part.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) part.scrollIntoView();
    return [];
}"""


def run_on(
    event: Callable,
    begin: Callable[..., dict],
    work: Callable[..., Iterator[dict]],
    inputs: list,
    end: Callable[[], dict],
    *,
    begun: list,
    outputs: list,
    ended: list,
    sights: tuple[str, str],
):
    """On `event` do `work`, between `begin` and `end`, and return what Stop cancels.

    `begun`, `outputs` and `ended` are the components that the three update. `sights` are selectors
    of what comes into sight when the run begins and when it has succeeded.
    """
    # A press is answered at once, also while another visitor's run goes on.
    first = event(begin, None, begun, queue=False, **QUIET)
    first.then(None, js=INTO_SIGHT % sights[0], **QUIET)
    # Whose turn it is, the host says, and tells of it meanwhile.
    run = first.then(work, inputs, outputs, concurrency_limit=None, **QUIET)
    over = run.success(end, None, ended, queue=False, **QUIET)
    over.then(None, js=INTO_SIGHT % sights[1], **QUIET)
    # A run that Stop has closed ends here too.
    run.failure(end, None, ended, queue=False, **QUIET)
    return run


def telling(
    updates: Iterator[dict], problem: Component, beside: Mapping[str, Component] = EMPTY
) -> Iterator[dict]:
    """Yield `updates`; where they fail, the sentence is shown as the `problem`.

    What is wrong with the picture or the track is told `beside` it.
    """
    try:
        yield from updates
    except MossError as error:
        yield {beside.get(getattr(error, "about", None), problem): told(str(error))}
    except gr.Error:
        raise  # gradio tells of these itself, such as that of a used up quota
    except Exception:
        logging.exception("A run has failed.")
        yield {problem: told(f"{UNEXPECTED} What was there is kept.")}
