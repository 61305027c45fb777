"""`python -m geoagent_evaluation` is `geoagent-eval`."""

import sys

from geoagent_evaluation.cli import main

sys.exit(main())
