"""One thread per PyTorch operation: the engine runs one piece of work per core itself."""

import torch

torch.set_num_threads(1)
