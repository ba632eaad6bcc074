"""Public reports of trainings that went wrong, and healthy set-ups, as a benchmark.

Each is rebuilt in a few lines of our own after a public source, which it names.
"""

import re
import warnings

import torch

from . import more_faults, more_healthy  # noqa: F401, they add themselves
from .faults import FAULTS
from .healthy import HEALTHY

__all__ = ["FAULTS", "HEALTHY", "scores"]


def scores(diagnose, seed=0):
    """Return how many reports are named, and how many healthy set-ups draw an alarm."""
    named = alarms = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some reports are of what is deprecated now
        for build, right, context in FAULTS.values():
            torch.manual_seed(seed)
            arguments = build()
            with context():
                said = "\n".join(map(str, diagnose(*arguments)))
            named += bool(re.search(right, said, re.IGNORECASE))
        for build in HEALTHY.values():
            torch.manual_seed(seed)
            alarms += bool(diagnose(*build()))
    return {
        "reports": len(FAULTS),
        "named": named,
        "healthy": len(HEALTHY),
        "alarms": alarms,
    }
