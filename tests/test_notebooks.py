"""What must be true of every notebook, whatever its outputs say."""

import ast
import inspect
import os
import re

import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import linreg
from compare import PNG, figures, is_exempt
from execute import NOTEBOOKS, README_PICTURES, ROOT, prediction_figure

MARKDOWN = MarkdownIt("commonmark").enable("table")
TAGS = {"nbval-ignore-output", "raises-exception", "readme-picture"}
TAGS |= {"exercise", "check"}
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|tmp|usr|opt|var|work|Users|private)/|\b[A-Z]:\\|file://"
)
NO_SENTENCE = re.compile(r"(An? )?(plot|figure|image|picture)\b", re.IGNORECASE)
# The most code cells and words where the rest of the series has fewer.
LONGER = {
    "09_when_training_goes_wrong": (45, 2_200),  # 17 cases, each a few lines
    "10_faster": (35, 1_900),  # a time, which is not compared, has a cell of its own
}
SHOWING = {"print", "show", "drag_line", "play"}  # calls that make an output
# Helpers of linreg.py that no notebook explains.
UNTAUGHT = ("check_", "show", "to_png", "data_uri")


def only_in_ci() -> None:
    """Skip the test, or all that use the fixture, unless CI is set."""
    if "CI" not in os.environ:
        pytest.skip("takes long: only with CI set")


def read(path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook) -> str:
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def tokens(text: str) -> list[Token]:
    """Return all tokens of a Markdown text, those inside lines included."""
    blocks = MARKDOWN.parse(text)
    return blocks + [child for block in blocks for child in block.children or []]


def links(text: str) -> list[str]:
    """Return the targets of all links and pictures."""
    found = [t.attrGet("href") or t.attrGet("src") for t in tokens(text)]
    return [target for target in found if target]


def headings(text: str) -> list[str]:
    parsed = MARKDOWN.parse(text)
    return [
        parsed[i + 1].content for i, t in enumerate(parsed) if t.type == "heading_open"
    ]


def title(path) -> str:
    return headings(markdown(read(path)))[0]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


def test_is_valid_and_carries_no_noise(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        assert set(cell.metadata.get("tags", [])) <= TAGS


def test_ran_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_has_an_output_wherever_the_code_makes_one(notebook):
    for cell in code_cells(notebook):
        body = ast.parse(cell.source).body
        calls = [
            call.func.id
            for statement in body
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
            for call in ast.walk(statement)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        ]
        shows_value = isinstance(body[-1], ast.Expr) and not isinstance(
            body[-1].value, ast.Call
        )
        if shows_value or SHOWING & set(calls):
            assert cell.outputs, cell.source


def test_outputs_hold_no_stderr_no_paths_and_no_unexpected_error(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.get("name") != "stderr", cell.source
            if output.output_type == "error":
                assert "raises-exception" in cell.metadata.get("tags", [])
    text = PNG.sub("", nbformat.writes(notebook))
    assert not ABSOLUTE_PATH.search(text)


def test_exempt_outputs_say_why(notebook):
    for cell in code_cells(notebook):
        if is_exempt(cell):
            assert cell.source.startswith("# This output is not compared: ")
        assert not re.search(r"#\s*(NBVAL|nbval)", cell.source)


def test_every_picture_has_a_text_alternative(notebook):
    alternatives = [
        token.content for token in tokens(markdown(notebook)) if token.type == "image"
    ]
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            assert not any(kind.startswith("image/") for kind in data), "use show()"
            shown = figures([output])
            assert len(shown) == data.get("text/html", "").count("<img")
            for alt, _ in shown:
                assert data["text/plain"] == f"Figure: {alt}"
                alternatives.append(alt)
    assert alternatives or not re.search(r"\bshow\(", nbformat.writes(notebook))
    assert len(alternatives) == len(set(alternatives))
    for alt in alternatives:
        assert len(alt) > 60 and alt.endswith(".") and not NO_SENTENCE.match(alt), alt


def test_begins_and_ends_as_every_notebook_does(path, notebook):
    first, last = notebook.cells[0].source, notebook.cells[-1].source
    number, *_ = path.stem.split("_")
    assert first.startswith(f"# {number} ")
    assert "**The question:**" in first
    assert "**Builds on:**" in first
    assert last.startswith("## What you know now\n")
    assert 3 <= len(re.findall(r"^- ", last, re.MULTILINE)) <= 5

    index = NOTEBOOKS.index(path)
    neighbours = []
    for word, i in [("Previous", index - 1), ("Next", index + 1)]:
        if 0 <= i < len(NOTEBOOKS):
            there = NOTEBOOKS[i]
            neighbours.append(f"{word}: [{title(there)}]({there.name})")
    assert last.splitlines()[-1] == " · ".join(neighbours)


def test_is_as_long_as_a_lesson_should_be(path, notebook):
    sources = [cell.source.splitlines()[0] for cell in notebook.cells]
    if "## Check yourself" in sources:
        notebook.cells = notebook.cells[: sources.index("## Check yourself")]
    most_cells, most_words = LONGER.get(path.stem, (30, 1_900))
    assert 8 <= len(code_cells(notebook)) <= most_cells
    assert 500 <= len(markdown(notebook).split()) <= most_words


@pytest.mark.parametrize(
    "source", [*NOTEBOOKS, ROOT / "README.md"], ids=lambda path: path.name
)
def test_links_and_anchors_resolve(source):
    text = markdown(read(source)) if source.suffix == ".ipynb" else source.read_text()
    for target in links(text):
        assert ":" not in target, f"{target}: link only to what is in the repository"
        file, _, anchor = target.partition("#")
        there = (source.parent / file).resolve() if file else source
        assert there.exists(), target
        if anchor:
            known = (
                [h.replace(" ", "-") for h in headings(markdown(read(there)))]
                if there.suffix == ".ipynb"  # JupyterLab's anchors
                else [h.lower().replace(" ", "-") for h in headings(there.read_text())]
            )
            assert anchor in known, target


@pytest.mark.parametrize("place", ["notebooks/00_the_whole_picture.ipynb", "README.md"])
def test_the_map_lists_every_notebook_with_its_question(place):
    source = ROOT / place
    text = markdown(read(source)) if source.suffix == ".ipynb" else source.read_text()
    folder = "" if source.suffix == ".ipynb" else "notebooks/"
    rows = re.findall(r"^\| (\S.*?) \| (.*\?) \| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) == len(NOTEBOOKS)
    for path, (name, question, _) in zip(NOTEBOOKS, rows, strict=True):
        if path != source:
            assert name == f"[{title(path)}]({folder}{path.name})"
        asked = re.search(r"\*\*The question:\*\* (.*\?)", markdown(read(path)))[1]
        assert question.lower() == asked.replace("*", "").lower()


def test_each_word_is_introduced_where_the_table_says():
    text = markdown(read(NOTEBOOKS[0]))
    rows = re.findall(r"^\| ([a-z ]+) \| .+\. \| \[?(\d\d).*\|$", text, re.MULTILINE)
    assert len(rows) == 15
    for word, number in rows:
        (there,) = (path for path in NOTEBOOKS if path.name.startswith(number))
        bold = re.findall(r"\*\*(.+?)\*\*", markdown(read(there)))
        assert any(word in term.lower() for term in bold), word


# The module


def plain(definition: ast.AST) -> str:
    """Return a definition's syntax tree without docstrings and type hints."""
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
    return ast.dump(definition)


def definitions(source: str) -> dict[str, ast.AST]:
    return {
        node.name: node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


TAUGHT = {
    name: definition
    for name, definition in definitions(inspect.getsource(linreg)).items()
    if not name.startswith(UNTAUGHT)
}


@pytest.mark.parametrize("name", TAUGHT)
def test_the_taught_definition_is_the_one_in_linreg(name):
    shown = [
        (path.name, found[name])
        for path in NOTEBOOKS
        for cell in code_cells(read(path))
        if name in (found := definitions(cell.source))
    ]
    assert len(shown) == 1, f"{name} is taught in {[where for where, _ in shown]}"
    ((where, definition),) = shown
    assert plain(definition) == plain(TAUGHT[name]), where


@pytest.mark.parametrize("picture", README_PICTURES)
def test_readme_pictures_are_what_the_notebooks_draw(picture):
    drawn = prediction_figure(read(ROOT / "notebooks" / README_PICTURES[picture]))
    assert (ROOT / "images" / picture).read_bytes() == drawn
