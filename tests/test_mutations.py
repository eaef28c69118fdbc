"""The breaks of `python -m tests.mutations` find their lines, and their tests are there."""

import pytest

from tests.mutations import MUTATIONS, ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.what)
def test_each_break_has_its_line_and_its_tests(mutation):
    assert mutation.place_in(ROOT) == ROOT / mutation.file
    assert mutation.new != mutation.old
    assert any((ROOT / test).exists() for test in mutation.tests)
