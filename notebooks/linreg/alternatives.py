"""What each figure of the lessons shows, in words, for those who do not see it.

The texts are in `alternatives.toml` beside this file, a section for each lesson, so
that they do not stand in the middle of a lesson's code.
"""

import tomllib
from pathlib import Path

TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def alt(name: str) -> str:
    """Return the text alternative of a figure, such as that of "04 valley".

    Raises:
        ValueError: there is no text of that name.
    """
    lesson, _, figure = name.partition(" ")
    try:
        return " ".join(TEXTS[lesson][figure].split())
    except KeyError:
        known = [f"{number} {key}" for number in TEXTS for key in TEXTS[number]]
        raise ValueError(f"name: expected one of {known}, got {name!r}") from None
