"""The pytest plugin that runs each lesson once, and proves all it can in that run.

nbval runs the cells and compares what they print. Here, each figure is compared as
well, answers are given to the exercises in the same kernel, and what the lesson says
about times is asserted there. A reader's own answers are counted, and never fail.
"""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from checks.progress import told, verdict
from compare import compare_figures, unneeded
from kernels import fork_kernels
from lessons import (
    NOTEBOOKS,
    code_cells,
    definitions,
    exercises,
    has_tag,
    is_checked,
    read,
    staged,
)

TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--outputs-only",
        action="store_true",
        help="leave out timed cells and exercises, as for another CPU level",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector):
    """Put our kind of file in the place of nbval's."""
    found = yield
    return [
        Lesson.from_parent(parent, path=file_path)
        if isinstance(file, IPyNbFile)
        else file
        for file in found
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the lessons that take longest, which are the last ones."""
    items.sort(
        key=lambda item: item.path.stem[:2] if is_lesson(item) else "", reverse=True
    )


def is_lesson(item: pytest.Item) -> bool:
    return isinstance(item.parent, Lesson)


class Lesson(IPyNbFile):
    """A lesson: its cells, then what is proved in the kernel that has run them."""

    def collect(self):
        cells = list(super().collect())
        outputs_only = self.config.option.outputs_only
        skipped = unneeded([item.cell for item in cells]) if outputs_only else []
        for item in cells:
            if has_tag(item.cell, "exercise") or is_checked(item.cell):
                item.options.update(check=False, check_exception=True)
            if item.cell not in skipped:
                yield item
        if self.path not in NOTEBOOKS or outputs_only:
            return
        number, blank = self.path.stem[:2], staged(self.path) is not None
        for name, exercise in exercises(read(self.path)).items():
            call = f"try_exercise(globals(), {number!r}, {exercise!r}, {blank})"
            code = f"import in_kernel; in_kernel.{call}"
            yield InKernel.from_parent(self, name=f"exercise {name}", code=code)
        asserted = TESTS / "ratios" / f"lesson_{number}.py"
        for name in definitions(asserted.read_text()) if asserted.exists() else []:
            code = f"import ratios.lesson_{number} as r; r.{name}(globals())"
            yield InKernel.from_parent(self, name=name, code=code)

    def setup(self):
        """Start the kernel, and import what the lesson imports."""
        if len({item.path for item in self.session.items if is_lesson(item)}) > 2:
            fork_kernels()
        super().setup()
        first = code_cells(self.nb)[0].source
        imports = [
            ast.unparse(node)
            for node in ast.parse(first).body
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        self.run(f"import sys; sys.path.append({str(TESTS)!r})")
        self.run(f"import in_kernel; in_kernel.prepare({'; '.join(imports)!r})")
        self.run("del sys, in_kernel")

    def run(self, code: str) -> None:
        """Run code in the kernel, and fail with its traceback if it fails."""
        reply = self.kernel.kc.execute_interactive(
            code, store_history=False, output_hook=lambda message: None, timeout=300
        )["content"]
        if reply["status"] == "error":
            pytest.fail("\n".join(reply["traceback"]), pytrace=False)


class InKernel(pytest.Item):
    """A piece of code that runs in the kernel when all cells have run."""

    def __init__(self, code: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.code = code

    def runtest(self) -> None:
        self.parent.run(self.code)

    def reportinfo(self):
        return self.path, 0, f"{self.path.stem}: {self.name}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """After nbval has run a cell, compare its figures, or note a reader's answer."""
    result = yield
    if isinstance(item, IPyNbCell):
        if is_checked(item.cell):
            text = "".join(output.get("text", "") for output in item.test_outputs)
            item.user_properties.append((item.path.stem[:2], verdict(text)))
        else:
            name = f"{item.path.stem}-cell-{item.cell_num}"
            messages = compare_figures(item.cell, item.test_outputs, name)
            if messages:
                pytest.fail("\n".join(messages), pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter) -> None:
    """Say how the reader's own answers are doing, lesson by lesson."""
    verdicts = defaultdict(Counter)
    for report in terminalreporter.stats.get("passed", []):
        for number, one in report.user_properties if report.when == "call" else []:
            verdicts[number][one] += 1
    attempted = {n: c for n, c in verdicts.items() if c["right"] or c["not yet"]}
    if attempted:
        terminalreporter.section("your exercises")
    for number, counts in sorted(attempted.items()):
        terminalreporter.line(f"{number}: {told(counts)}")
