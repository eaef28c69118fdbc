"""The command line, as python -m moss."""

import sys

from moss.cli.main import main

sys.exit(main())
