"""What must be true of every lesson as it is committed, whatever its outputs say."""

import ast
import re
from collections import Counter

import nbformat
import pytest
from nbformat.v4 import new_output

import interactive
from compare import PNG, figures, is_exempt
from execute import METADATA, UNTAUGHT, filled, prediction_figure, taught
from lessons import (
    NOTEBOOKS,
    README_PICTURES,
    ROOT,
    code_cells,
    definitions,
    exercises,
    glossary,
    has_tag,
    headings,
    links,
    markdown,
    minutes,
    open_words,
    read,
    staged,
    title,
    tokens,
)

pytestmark = pytest.mark.skipif(
    staged(NOTEBOOKS[0]) is None, reason="no repository says what is committed"
)
TAGS = {"nbval-ignore-output", "raises-exception", "readme-picture"}
TAGS |= {"exercise", "check", "try"}
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|tmp|usr|opt|var|work|Users|private)/|\b[A-Z]:\\|file://"
)
NO_SENTENCE = re.compile(r"(An? )?(plot|figure|image|picture)\b", re.IGNORECASE)
# The most code cells and words where the rest of the series has fewer.
LONGER = {
    "10_when_training_goes_wrong": (34, 2_800),  # 21 cases, to look up
    "11_faster": (36, 1_900),  # a time, which is not compared, has a cell of its own
}
ASKING = ("## Do you remember?", "## Check yourself")
CHOICE = r"<details>\n<summary>.+</summary>\n\n\*\*(?:Yes|No)\.\*\* .+\n\n</details>\n*"
QUESTION = re.compile(rf"\*\*.+\?\*\* Choose one, then open it\.\n\n((?:{CHOICE})+)")
VERDICT = re.compile(r"^\*\*(Yes|No)\.\*\* ", re.MULTILINE)
PIECES = set(interactive.__all__)
DRAWING = {"plt", "fig", "ax", "left", "right", "show", *PIECES}
NO_WORDS = {"PyTorch", "Forward", "Backward", "Step"}  # in bold, and in no list
MAP_ROW = r"^\| (\S.*?) \| (.*\?) \| (\d+) \| (\d+) \|$"
SHOWING = {"print", "show", *PIECES}  # calls that make an output


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


def test_is_valid_and_carries_no_noise(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata == METADATA
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


def test_outputs_hold_no_stderr_no_paths_and_no_error(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.get("name") != "stderr", cell.source
            if output.output_type == "error":
                assert has_tag(cell, "raises-exception")
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
    most_cells, most_words = LONGER.get(path.stem, (30, 2_000))
    taught = [cell for cell in code_cells(notebook) if not has_tag(cell, "try")]
    assert 8 <= len(taught) <= most_cells
    assert 500 <= open_words(markdown(notebook)) <= most_words


def test_fewer_than_a_third_of_the_lines_only_draw(path, notebook):
    if path.stem > "07":
        return
    n_lines, drawing = 0, 0
    for cell in code_cells(notebook):
        n_lines += sum(bool(line.strip()) for line in cell.source.splitlines())
        drawn = set()
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Expr | ast.Assign):
                names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                if names & DRAWING:
                    drawn.update(range(node.lineno, node.end_lineno + 1))
        drawing += len(drawn)
    assert drawing < n_lines / 3


@pytest.mark.parametrize(
    "source", [*NOTEBOOKS, ROOT / "README.md"], ids=lambda path: path.name
)
def test_links_and_anchors_resolve(source):
    resolve(source, text_of(source))


def text_of(source) -> str:
    return markdown(read(source)) if source.suffix == ".ipynb" else source.read_text()


def resolve(source, text: str) -> None:
    """Follow each link of a text to a file, and to a heading in it."""
    for target in links(text):
        assert ":" not in target, f"{target}: link only to what is in the repository"
        file, _, anchor = target.partition("#")
        there = (source.parent / file).resolve() if file else source
        assert there.exists(), target
        if anchor:
            known = [h.replace(" ", "-") for h in headings(text_of(there))]
            if there.suffix != ".ipynb":  # unlike JupyterLab's anchors
                known = [heading.lower() for heading in known]
            assert anchor in known, target


@pytest.mark.parametrize("place", ["notebooks/00_the_whole_picture.ipynb", "README.md"])
def test_the_map_lists_every_notebook_with_its_question(place):
    source = ROOT / place
    text = text_of(source)
    folder = "" if source.suffix == ".ipynb" else "notebooks/"
    rows = re.findall(MAP_ROW, text, re.MULTILINE)
    assert len(rows) == len(NOTEBOOKS)
    for path, (name, question, *told) in zip(NOTEBOOKS, rows, strict=True):
        assert tuple(map(int, told)) == minutes(path), path.stem
        if path != source:
            assert name == f"[{title(path)}]({folder}{path.name})"
        asked = re.search(r"\*\*The question:\*\* (.*\?)", markdown(read(path)))[1]
        assert question.lower() == asked.replace("*", "").lower()


def test_each_word_is_introduced_where_the_table_says():
    rows = glossary()
    assert len(rows) == 55
    assert rows == sorted(rows, key=lambda row: row[0].lower())
    for word, number in rows:
        (there,) = (path for path in NOTEBOOKS if path.name.startswith(number))
        bold = re.findall(r"\*\*(.+?)\*\*", markdown(read(there)))
        assert any(word.lower() in term.lower() for term in bold), word


def test_each_word_that_a_first_lesson_prints_in_bold_is_in_the_list():
    words = [word.lower() for word, _ in glossary()]
    for path in NOTEBOOKS[:7]:
        for term in re.findall(r"\*\*(\w[^*\n]+[^*.:?])\*\*", markdown(read(path))):
            known = term in NO_WORDS or any(word in term.lower() for word in words)
            assert known, f"{path.stem}: {term}"


# Questions and exercises


def questions(source: str) -> list[list[str]]:
    """Return the verdicts, "Yes" or "No", on the choices of each question."""
    found = QUESTION.findall(source)
    assert source.count("Choose one, then open it.") == len(found)
    return [VERDICT.findall(choices) for choices in found]


def test_questions_have_choices_and_one_of_them_is_right(path, notebook):
    if path == NOTEBOOKS[0]:
        return
    count, right = Counter(), set()
    for cell in notebook.cells:
        asked = questions(cell.source)
        title = cell.source.split("\n")[0]
        count[title if title in ASKING else "within"] += len(asked)
        if title in ASKING:
            assert sum(map(len, asked)) == cell.source.count("<details>")
        for verdicts in asked:
            assert 2 <= len(verdicts) <= 4 and verdicts.count("Yes") == 1
            right.add(verdicts.index("Yes"))
    assert count["## Do you remember?"] == (2 if path.stem > "02" else 0)
    assert 2 <= count["## Check yourself"] <= 3
    assert 2 <= count["within"] <= 4
    assert len(right) > 1  # not always at the same place


def test_has_its_exercises_and_tries(path, notebook):
    if path == NOTEBOOKS[0]:
        return
    found = exercises(notebook).values()
    tries = sum(exercise["is_try"] for exercise in found)
    assert 2 <= len(found) - tries <= 5
    assert tries >= {"09": 1, "10": 0, "11": 0, "12": 0}.get(path.stem[:2], 2)


# The module


def test_what_is_taught_is_filled_in(notebook):
    for cell in code_cells(notebook):
        assert cell.source == filled(cell.source)
        assert not re.search(r"\bcheck_\w+|guard", cell.source)


def test_each_definition_of_the_module_is_taught_once():
    cells = [cell for path in NOTEBOOKS for cell in code_cells(read(path))]
    shown = [name for cell in cells for name in definitions(cell.source)]
    assert {name: shown.count(name) for name in taught()} == dict.fromkeys(taught(), 1)
    assert len(taught()) > 15
    assert not UNTAUGHT & set(shown)


@pytest.mark.parametrize("picture", README_PICTURES)
def test_readme_pictures_are_what_the_notebooks_draw(picture):
    drawn = prediction_figure(read(ROOT / "notebooks" / README_PICTURES[picture]))
    assert (ROOT / "images" / picture).read_bytes() == drawn


# The rules can fail: spoil a lesson in memory, and see that one notices.


def strip(notebook):
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None


def empty_alternatives(notebook):
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        for alt, _ in figures([output]):
            output.data = {k: v.replace(alt, "") for k, v in output.data.items()}


def put_out(**output):
    added = new_output("stream", **output)
    return lambda notebook: code_cells(notebook)[0].outputs.append(added)


def replace(old, new):
    def spoil(notebook):
        cell = next(cell for cell in notebook.cells if old in cell.source)
        cell.source = cell.source.replace(old, new)

    return spoil


SPOILED = [
    (
        lambda n: n.cells[0].metadata.update(hidden=1),
        test_is_valid_and_carries_no_noise,
    ),
    (strip, test_ran_from_top_to_bottom),
    (strip, test_has_an_output_wherever_the_code_makes_one),
    (
        put_out(name="stderr", text="so"),
        test_outputs_hold_no_stderr_no_paths_and_no_error,
    ),
    (put_out(text="in /home/me/x"), test_outputs_hold_no_stderr_no_paths_and_no_error),
    (
        lambda n: code_cells(n)[0].metadata.update(tags=["nbval-ignore-output"]),
        test_exempt_outputs_say_why,
    ),
    (empty_alternatives, test_every_picture_has_a_text_alternative),
    (replace("**Builds on:**", ""), test_begins_and_ends_as_every_notebook_does),
    (
        lambda n: n.cells.__delitem__(slice(8, -1)),
        test_is_as_long_as_a_lesson_should_be,
    ),
    (replace("### Exercise 3", "### Exercise 4"), test_has_its_exercises_and_tries),
    (
        replace("**Yes.**", "**No.**"),
        test_questions_have_choices_and_one_of_them_is_right,
    ),
    (replace("n_train = round(", "n_train = int("), test_what_is_taught_is_filled_in),
]


@pytest.mark.parametrize(("spoil", "rule"), SPOILED)
def test_a_rule_notices_what_was_spoiled(spoil, rule):
    path = NOTEBOOKS[1]
    spoiled = read(path)
    spoil(spoiled)
    arguments = {"path": path, "notebook": spoiled}
    names = rule.__code__.co_varnames[: rule.__code__.co_argcount]
    with pytest.raises(AssertionError):
        rule(**{name: arguments[name] for name in names})


def test_a_broken_link_is_noticed():
    with pytest.raises(AssertionError, match="nowhere"):
        resolve(NOTEBOOKS[0], "[there](99_nowhere.ipynb)")
    with pytest.raises(AssertionError, match="No-such"):
        resolve(NOTEBOOKS[0], "[there](01_data.ipynb#No-such-heading)")
