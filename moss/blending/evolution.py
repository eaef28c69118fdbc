"""NSGA-II by ask and tell, with operators that move along the front."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.crossover import Crossover
from pymoo.core.mutation import Mutation
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.selection import Selection
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from torch.nn.functional import interpolate

from moss.parallel import Workers
from moss.signal.pareto import normalised

FIELD_SHAPE = (4, 8)  # knots of a random field over the grid: changes smooth in both directions
BEYOND = 0.25  # of the way between two parents: how far outside of it a child may lie
BLEND_RANGE = 1 + 2 * BEYOND
STEP_SPREAD = 0.5  # standard deviation of a child's place between its parents over the field
REACH = 3  # a partner is at most so many places away on the front
MUTATION_PROBABILITY = 0.3
MUTATION_SIZE = 0.05  # standard deviation of a mutation's field
SBX_ETA, SBX_PROBABILITY, PM_ETA = 15, 0.9, 20  # as published
LEAST_POPULATION = 4
EVEN_WEIGHT = 1e-3  # of all gaps together: a front without gaps is chosen from evenly


def evolve(
    grids: np.ndarray,
    losses: np.ndarray,
    evaluate: Callable[[np.ndarray], Iterator[np.ndarray | None]],
    *,
    generations: int,
    operators: str,
    seed: int,
    pool: Workers,
) -> Iterator[int | None]:
    """Run NSGA-II from `grids` (n, height, width) in [0, 1] with `losses` (n, 2).

    K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, "A fast and elitist multiobjective genetic
    algorithm: NSGA-II", IEEE Trans. Evolutionary Computation 6(2), 2002. `evaluate(grids)`
    yields None while it works and the losses (n, 2) at last. Yields None whenever `evaluate`
    does, or a worker of `pool` takes a while to make children, and the number of finished
    generations after each. `operators` is "front", which blends neighbours on the front through
    smooth fields, or "published": SBX (eta 15, p 0.9) and polynomial mutation (eta 20),
    duplicates eliminated, where there are at least four different masks.
    """
    count, *shape = grids.shape
    problem = Problem(n_var=grids[0].size, n_obj=2, xl=0.0, xu=1.0)
    if operators == "front":
        choices = {
            "selection": NeighbourSelection(),
            "crossover": FieldBlend(shape),
            "mutation": FieldMutation(shape),
            "eliminate_duplicates": False,
        }
    else:
        choices = {
            "crossover": SBX(eta=SBX_ETA, prob=SBX_PROBABILITY),
            "mutation": PM(eta=PM_ETA),
            "eliminate_duplicates": True,
        }
        # pymoo drops equal masks from the first population too, but not their losses.
        _, different = np.unique(grids.reshape(count, -1), axis=0, return_index=True)
        different.sort()
        grids, losses = grids[different], losses[different]
        if len(grids) < LEAST_POPULATION:
            return
    algorithm = NSGA2(pop_size=count, sampling=grids.reshape(len(grids), -1), **choices)
    algorithm.setup(problem, termination=("n_gen", generations + 1), seed=seed)

    def ask() -> Iterator[Population | None]:
        """Yield None while a worker asks for masks, which takes seconds as published, then them."""
        for asked in pool.as_completed(lambda _: algorithm.ask(), [None]):
            yield asked[1] if asked else None

    first = None
    for first in ask():
        if first is None:
            yield None
    assert first is not None, "what is asked for is there at last"
    first.set("F", losses)
    algorithm.tell(infills=first)
    # The population has copies. Of five minutes, each of these would hold 130 MB to the end.
    algorithm.initialization = None
    del grids, first
    for generation in range(1, generations + 1):
        children = None
        for children in ask():
            if children is None:
                yield None
        if children is None or len(children) == 0:
            return
        found = None
        for found in evaluate(children.get("X").astype(np.float32, copy=False).reshape(-1, *shape)):
            if found is None:
                yield None
        children.set("F", found)
        algorithm.tell(infills=children)
        yield generation


class NeighbourSelection(Selection):
    """Parents next to each other on the front, the first of each pair beside a wide gap."""

    def _do(
        self,
        problem: Problem,
        pop: Population,
        n_select: int,
        n_parents: int,
        random_state: np.random.Generator | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        assert random_state is not None, "pymoo hands it over"
        losses = normalised(pop.get("F"))
        order = np.lexsort((-losses[:, 0], losses[:, 1]))
        along = losses[order]
        gap = np.hypot(*np.diff(along, axis=0, prepend=along[:1], append=along[-1:]).T)
        weight = gap[:-1] + gap[1:] + EVEN_WEIGHT / len(along)
        first = random_state.choice(len(order), n_select, p=weight / weight.sum())
        offset = random_state.integers(1, REACH + 1, (n_select, n_parents - 1))
        offset *= random_state.choice((-1, 1), offset.shape)
        partner = np.clip(first[:, None] + offset, 0, len(order) - 1)
        return order[np.column_stack((first, partner))]


class FieldBlend(Crossover):
    """Children between and a little beyond two parents, further here and less far there."""

    def __init__(self, shape: Sequence[int]):
        super().__init__(n_parents=2, n_offsprings=2, prob=1.0)
        self._shape = shape

    def _do(
        self,
        problem: Problem,
        X: np.ndarray,
        *args: Any,
        random_state: np.random.Generator | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        assert random_state is not None, "pymoo hands it over"
        _, matings, _ = X.shape
        knots = field_knots(random_state, 2 * matings).reshape(2, matings, *FIELD_SHAPE)
        spread = STEP_SPREAD * random_state.random((2, matings, 1), np.float32)
        middle = BLEND_RANGE * random_state.random((2, matings, 1), np.float32) - BEYOND
        # A pair at a time, in its parents' place: what pymoo hands over is a copy of theirs.
        for i in range(matings):
            step = smooth_fields(knots[:, i], self._shape).reshape(2, -1)
            step *= spread[:, i]
            step += middle[:, i]
            step *= X[1, i] - X[0, i]
            step += X[0, i]
            np.clip(step, 0, 1, out=X[:, i])
        return X


class FieldMutation(Mutation):
    """Shifts the mask by a smooth field, more where it is neither audio nor picture."""

    def __init__(self, shape: Sequence[int]):
        super().__init__(prob=MUTATION_PROBABILITY)
        self._shape = shape

    def _do(
        self,
        problem: Problem,
        X: np.ndarray,
        *args: Any,
        random_state: np.random.Generator | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        assert random_state is not None, "pymoo hands it over"
        knots = field_knots(random_state, len(X))
        size = MUTATION_SIZE * random_state.random((len(X), 1), np.float32)
        for i in range(len(X)):  # in place, as children are
            field = smooth_fields(knots[i : i + 1], self._shape).ravel()
            field *= size[i]
            field *= 4 * X[i] * (1 - X[i])
            field += X[i]
            np.clip(field, 0, 1, out=X[i])
        return X


def field_knots(random_state: np.random.Generator, count: int) -> np.ndarray:
    """Return Gaussian knots (count, *FIELD_SHAPE) for `smooth_fields`."""
    return random_state.standard_normal((count, *FIELD_SHAPE)).astype(np.float32)


def smooth_fields(knots: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Return fields (n, *shape), interpolated from `knots` (n, *FIELD_SHAPE)."""
    fields = interpolate(
        torch.from_numpy(knots)[:, None], tuple(shape), mode="bilinear", align_corners=True
    )
    return fields[:, 0].numpy()
