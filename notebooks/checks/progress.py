"""Print how the exercises are doing, from the notebooks as saved: no code of them runs.

A new answer counts once its check has run and the notebook is saved.
"""

import json
from collections import Counter
from pathlib import Path

VERDICTS = {
    "Right. ": "right",
    "Not yet: ": "not yet",
    "Not attempted": "not attempted",
}


def verdict(said: str) -> str:
    """Return the verdict in what a check prints; "not yet" for an error."""
    return next(
        (v for start, v in VERDICTS.items() if said.startswith(start)), "not yet"
    )


def verdicts(path: Path) -> Counter:
    """Count the verdicts of the checks in a saved notebook."""
    found = Counter()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if {"check", "try"} & set(cell["metadata"].get("tags", [])):
            texts = [part for o in cell["outputs"] for part in o.get("text", [])]
            has_run = cell["execution_count"] is not None
            found[verdict("".join(texts)) if has_run else "not attempted"] += 1
    return found


def told(counts: Counter) -> str:
    """Return the counts in words, such as "2 of 3 right, 1 not yet"."""
    rest = [f"{counts[v]} {v}" for v in ("not yet", "not attempted") if counts[v]]
    return ", ".join([f"{counts['right']} of {counts.total()} right", *rest])


def report(folder: Path) -> str:
    """Return a line for each lesson in a folder, and which one comes next."""
    lines, following = [], "all are right: well done"
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"), reverse=True):
        name = path.stem.replace("_", " ")
        if counts := verdicts(path):
            lines.append(f"{name}: {told(counts)}")
            if counts["right"] < counts.total():
                following = f"next: {name}"
    return "\n".join([*reversed(lines), following])


if __name__ == "__main__":
    print(report(Path(__file__).parents[1]))
