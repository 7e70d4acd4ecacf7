"""`python -m tensionsim`: the command, where its script is not on the path."""

from __future__ import annotations

import sys

from tensionsim.cli.main import main

sys.exit(main())
