"""A generator that works in a forked process, as ZeroGPU has it: see `spaces.zero.wrappers`.

Arguments and yields are pickled, the work lives in a thread of the worker, exceptions cross as the
names of their classes, and a closed generator ends the work at its next yield.
"""

import functools
import multiprocessing
import pickle
import threading

FORK = multiprocessing.get_context("fork")
WORKERS = []  # every process that was forked


def forked(task):
    """Return `task`, a generator function, so that each call works in a process of its own."""

    @functools.wraps(task)
    def generate(*args, **kwargs):
        arguments, results, stopped = FORK.SimpleQueue(), FORK.SimpleQueue(), FORK.Event()
        worker = FORK.Process(target=_work, args=(task, arguments, results, stopped), daemon=True)
        worker.start()
        WORKERS.append(worker)
        arguments.put(pickle.dumps((args, kwargs)))
        kind = "yield"
        try:
            while kind == "yield":
                kind, value = pickle.loads(results.get())
                if kind == "error":
                    raise RuntimeError(value)
                if kind == "yield":
                    yield value
        finally:
            stopped.set()
            while kind == "yield":  # it runs ahead of who reads
                kind, _ = pickle.loads(results.get())
            worker.join()

    return generate


def _work(task, arguments, results, stopped):
    # In the very thread that was forked, as there: its cores' threads are gone.
    args, kwargs = pickle.loads(arguments.get())

    def iterate():
        events = task(*args, **kwargs)
        try:
            for event in events:
                if stopped.is_set():
                    break
                results.put(pickle.dumps(("yield", event)))
            events.close()
            results.put(pickle.dumps(("end", None)))
        except Exception as error:
            results.put(pickle.dumps(("error", type(error).__name__)))

    thread = threading.Thread(target=iterate)
    thread.start()
    thread.join()
