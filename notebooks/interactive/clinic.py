"""A piece about trainings that go wrong: look at the curve, and print one line."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt

from linreg.figures import COLORS

from .cases import CASES
from .page import RUN_IT, picture, show_piece

ALT = (
    "Ten small plots of losses, one for each question below. Some losses stay high or "
    "never move, some swing or jump, one explodes, and some look too good."
)


def curve_clinic() -> None:
    """Display ten losses that look strange, and ask for the first line to print.

    Each case is trained when this is called, in seconds. For each choice, the reader
    sees what the line really prints. A case that is missed comes again, until each was
    right at the first choice.
    """
    cases, folded = [], {}
    fig, axes = plt.subplots(5, 2, figsize=(6.4, 7.5))
    for number, (case, ax) in enumerate(zip(CASES, axes.flat, strict=True), start=1):
        names, shown = case.run()
        curves = [names[key] for key in ("losses", "test_losses") if key in names]
        for losses, dash, name in zip(curves, ("-", "--"), COLORS, strict=False):
            ax.plot(losses, dash, color=COLORS[name])
        ax.set(title=f"Curve {number}", ylim=0)
        ax.locator_params(axis="x", integer=True)
        lines = [
            [line, prints, said]
            for (line, said), prints in zip(case.lines.items(), shown, strict=True)
        ]
        right = lines[0][0]
        lines.sort()
        cases.append(
            {
                "section": case.section,
                "look": case.look,
                "story": case.story,
                "curves": [[round(loss, 4) for loss in losses] for losses in curves],
                "lines": lines,
                "right": [line for line, *_ in lines].index(right),
            }
        )
        question, answer = in_words(cases[-1])
        folded[f"Curve {number}: {question}"] = answer
    fig.supxlabel("epoch")
    fig.supylabel("loss")
    before = picture(fig, ALT, f"To be asked about them one by one, {RUN_IT}")
    show_piece("curve_clinic", ALT, {"cases": cases}, before, folded)


def in_words(case: dict[str, Any]) -> tuple[str, str]:
    """Return question and answer of a case, for where no script runs."""
    lines = [f"{line} prints {it}. {said}" for line, it, said in case["lines"]]
    right = lines.pop(case["right"])
    choices = ", or ".join(line for line, *_ in case["lines"])
    question = f"{case['look']} {case['story']} What do you print first: {choices}?"
    section, others = f"See the section “{case['section']}”.", " ".join(lines)
    return question, f"{right} {section} The others: {others}"
