"""The table of looks: a new one is one more line.

A look is a function that takes the evidence and yields findings. A consequence is left
out where its cause is found, so the order of the table is only the order of reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..evidence import Evidence
from ..finding import Finding
from .alike import predictions_alike
from .classes import class_numbers
from .error import errors
from .held import parameters_held
from .kept import records_kept
from .labels import label_ranges
from .linear import nothing_between
from .mode import modes
from .moves import steps_taken
from .nan import not_finite
from .number import one_number
from .outputs import outputs_fit
from .reached import parameters_reached
from .rows import rows_mix
from .saturated import saturated_units
from .scale import scales
from .shapes import shapes_meet
from .units import equal_units
from .untrained import untrained_tensors
from .zero import zero_gradients

Look = Callable[[Evidence], Iterable[Finding]]

LOOKS: list[Look] = [
    modes,
    parameters_held,
    untrained_tensors,
    parameters_reached,
    records_kept,
    one_number,
    shapes_meet,
    class_numbers,
    label_ranges,
    outputs_fit,
    rows_mix,
    not_finite,
    zero_gradients,
    equal_units,
    predictions_alike,
    nothing_between,
    saturated_units,
    scales,
    steps_taken,
    errors,
]
