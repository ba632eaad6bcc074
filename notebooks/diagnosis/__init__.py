"""Look at a training of your own, and say in plain sentences what is wrong with it."""

from __future__ import annotations

from .diagnosing import diagnose
from .finding import Finding
from .looks import LOOKS
from .watching import watch

__all__ = ["LOOKS", "Finding", "diagnose", "watch"]
