"""What MOSS reaches and costs, measured; not installed and not needed to run it."""

import moss  # noqa: F401  (Before PyTorch, which is then loaded as MOSS has it.)
