"""Pieces to play with, made of a picture and a script: no kernel, no network.

Each is a template beside this file, with what is its own; `shared.css` and `shared.js`
hold what all of them use. Where scripts do not run, a picture and a sentence are shown.
"""

from __future__ import annotations

from .clinic import curve_clinic
from .lines import drag_line, drag_on_map, rate_lab, which_way
from .moving import play
from .networks import hinge_builder, stop_here

__all__ = [
    "curve_clinic",
    "drag_line",
    "drag_on_map",
    "hinge_builder",
    "play",
    "rate_lab",
    "stop_here",
    "which_way",
]
