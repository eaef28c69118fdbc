"""Adam: as torch.optim has it but for rounding, and to the bit as seeded runs need it."""

import math

import pytest
import torch

from moss.signal.adam import Adam

BETAS, EPSILON = (0.8, 0.99), 1e-9
STEPS = 60


def noise(seed, dtype=torch.float32):
    return torch.randn(40, 30, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def falling_rate(step):
    return 0.06 * (1 - step / STEPS)


def test_steps_are_those_of_torch_optim():
    values = noise(0, torch.float64)
    theirs = values.clone()
    optimiser = torch.optim.Adam([theirs], betas=BETAS, eps=1e-15, foreach=False)
    state = Adam(values, BETAS, 1e-15)
    for step in range(STEPS):
        gradient = noise(step + 1, torch.float64)
        values = state.step(values, gradient, falling_rate(step))
        theirs.grad = gradient
        optimiser.param_groups[0]["lr"] = falling_rate(step)
        optimiser.step()
    # Epsilon is added before and after a division: it is 1e-11 of the least of these gradients.
    torch.testing.assert_close(values, theirs, atol=1e-9, rtol=0)


def test_the_order_of_operations_is_what_a_seed_repeats():
    """The same bits as the formula written out, rate times correction in either order."""
    values, state = noise(0), Adam(noise(0), BETAS, EPSILON)
    expected, first, second = values.clone(), torch.zeros(40, 30), torch.zeros(40, 30)
    for step in range(1, STEPS + 1):
        gradient, rate = noise(step), falling_rate(step)
        first.lerp_(gradient, 1 - BETAS[0])
        second.lerp_(gradient**2, 1 - BETAS[1])
        size = rate * (math.sqrt(1 - BETAS[1] ** step) / (1 - BETAS[0] ** step))
        expected.addcdiv_(first, second.sqrt().add_(EPSILON), value=-size)
        values = state.step(values, gradient, rate)
        assert torch.equal(values, expected)


def test_neither_values_nor_gradient_are_changed():
    values, gradient = noise(0), noise(1)
    Adam(values, BETAS, EPSILON).step(values, gradient, 0.1)
    assert torch.equal(values, noise(0))
    assert torch.equal(gradient, noise(1))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_first_step_has_the_size_of_the_rate_and_goes_downhill(scale):
    gradient = scale * noise(1)
    moved = Adam(gradient, BETAS, 1e-20).step(torch.zeros(40, 30), gradient, 0.1)
    torch.testing.assert_close(moved, -0.1 * gradient.sign())


def test_no_gradient_is_no_step():
    still = torch.zeros(40, 30)
    state = Adam(still, BETAS, EPSILON)
    for _ in range(3):
        assert torch.equal(state.step(noise(0), still, 1.0), noise(0))


def test_a_restart_forgets_everything():
    fresh, used = (Adam(noise(0), BETAS, EPSILON) for _ in range(2))
    for step in range(5):
        used.step(noise(0), noise(step), 1.0)
    used.restart()
    for step in range(5):
        gradient = noise(10 + step)
        assert torch.equal(used.step(noise(0), gradient, 1.0), fresh.step(noise(0), gradient, 1.0))
