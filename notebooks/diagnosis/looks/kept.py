"""Is a part of an old record kept, and used again?"""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence import Evidence
from ..finding import Finding, fault


def records_kept(seen: Evidence) -> Iterator[Finding]:
    """Compare the records of two predictions in a row: they should share nothing."""
    if seen.shared or "second time" in str(seen.error):
        yield fault(
            "used-twice",
            "a part of the record is kept from one step to the next (a hidden state in "
            "the model, or data that was computed with gradients), so backward goes "
            "through it a second time: keep it with detach()",
            "print([n for n, v in vars(model).items() if hasattr(v, 'grad_fn')])",
        )
