"""How a piece is put together: one output, made of a template and what all share."""

from __future__ import annotations

import hashlib
import html
import json
from pathlib import Path
from typing import Any

from IPython.display import display
from matplotlib.figure import Figure

from linreg.figures import COLORS, as_img, to_png

HERE = Path(__file__).parent
RUN_IT = "run this cell. On a web page, scripts must be allowed."


def show_piece(
    name: str,
    alt: str,
    data: dict[str, Any],
    before: str,
    folded: dict[str, str] | None = None,
) -> None:
    """Display the piece of the template `name`.html, and hand it `data`.

    `before` is HTML that is shown until the script runs, and wherever none can; with
    it go the questions and answers of `folded`. `alt` is the text where there is no
    HTML. The same arguments make the same output.
    """
    markup, script = (HERE / f"{name}.html").read_text().split("<script>\n")
    script = script.removesuffix("</script>\n")
    style, shared = ((HERE / f"shared.{kind}").read_text() for kind in ("css", "js"))
    colors = "".join(f"--{series}: {color}; " for series, color in COLORS.items())
    style = f"<style>\n[data-piece] {{ {colors}}}\n{style}</style>\n"
    key = hashlib.sha256(f"{name}: {alt}".encode()).hexdigest()[:8]
    arguments = (key, style + markup, data)
    call = ", ".join(as_json(argument) for argument in arguments)
    page = (
        f'<div class="{name.replace("_", "-")}" data-piece="{key}">\n{before}\n'
        f"{as_html(folded or {})}</div>\n<script>\n(() => {{\n"
        f"{shared}\n{script}start({call}, piece);\n"
        "})();\n</script>\n"
    )
    display({"text/html": page, "text/plain": f"Figure: {alt}"}, raw=True)


def picture(fig: Figure, alt: str, sentence: str, png: bytes | None = None) -> str:
    """Return `fig`, or `png`, as HTML with the text alternative `alt`; close `fig`.

    Below it stands `sentence`, as a paragraph of its own.
    """
    img = as_img(fig, alt, png or to_png(fig))
    return f"{img}\n<p>{html.escape(sentence)}</p>"


def as_json(value: Any) -> str:
    """Return `value` as JavaScript that cannot end the script it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("</", r"<\/")


def as_html(folded: dict[str, str]) -> str:
    """Return questions whose answers are folded."""
    return "".join(
        f"<details>\n<summary>{html.escape(question)}</summary>\n"
        f"<p>{html.escape(answer)}</p>\n</details>\n"
        for question, answer in folded.items()
    )
