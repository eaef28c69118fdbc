"""What every run on the page has in common: it begins at once, and what goes wrong is shown."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from moss.errors import InputError, MossError
from moss.settings.setting_error import label_of, sentence_of
from moss.ui.events import QUIET, Updates
from moss.ui.words import UNEXPECTED, problem_html

NO_WELLS: Mapping[str, gr.HTML] = MappingProxyType({})

# Brings a part of the page into sight unless it begins there. What the function returns would be
# an event's values, and newer browsers return something from scrolling.
INTO_SIGHT = """() => {
    const part = document.querySelector('%s');
    const {top} = part.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) part.scrollIntoView();
    return [];
}"""


def run_on(
    event: Callable[..., Dependency],
    begin: Callable[..., Updates],
    work: Callable[..., Iterator[Updates]],
    inputs: Sequence[Block],
    end: Callable[..., Updates],
    *,
    end_inputs: Sequence[Block],
    begin_outputs: Sequence[Block],
    outputs: Sequence[Block],
    end_outputs: Sequence[Block],
    sights: tuple[str, str],
) -> Dependency:
    """On `event` do `work`, between `begin` and `end`, and return what Stop cancels.

    Parameters
    ----------
    event : a listener of a component, such as `button.click`.
    begin, work, end : handlers; `work` takes `inputs`, and `end` takes `end_inputs`.
    begin_outputs, outputs, end_outputs : the components that the three update.
    sights : selectors of what comes into sight when the run begins and when it has succeeded.
    """
    # A press is answered at once, also while another visitor's run goes on.
    first = event(begin, None, begin_outputs, queue=False, **QUIET)
    first.then(None, js=INTO_SIGHT % sights[0], **QUIET)
    # The host, and not gradio's queue, decides whose turn it is, and says so meanwhile.
    run = first.then(work, inputs, outputs, concurrency_limit=None, **QUIET)
    success = run.success(end, end_inputs, end_outputs, queue=False, **QUIET)
    success.then(None, js=INTO_SIGHT % sights[1], **QUIET)
    # A run that Stop has closed ends here too.
    run.failure(end, end_inputs, end_outputs, queue=False, **QUIET)
    return run


def with_problems(
    updates: Iterator[Updates], problem: gr.HTML, wells: Mapping[str, gr.HTML] = NO_WELLS
) -> Iterator[Updates]:
    """Yield `updates`; where they fail, the sentence is shown as the `problem`.

    What is wrong with a picture or the track is shown beside its well, which `wells` has by
    "picture", "second_picture" and "audio".
    """
    try:
        yield from updates
    except MossError as error:
        kind = error.about if isinstance(error, InputError) else None
        yield {wells.get(kind or "", problem): problem_html(sentence_of(error, label_of))}
    except gr.Error:
        raise  # Gradio shows these itself, such as that a visitor's quota is used up.
    except Exception:
        logging.exception("A run has failed.")
        yield {problem: problem_html(f"{UNEXPECTED} What was there is kept.")}
