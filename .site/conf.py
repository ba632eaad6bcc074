"""How Sphinx makes a site of the notebooks. README.md has the command."""

import html
import json
import zipfile
from operator import methodcaller

from docutils import nodes
from math_core import LatexToMathML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator

project = "A first lesson in PyTorch"
extensions = ["myst_nb", "sphinx_copybutton"]
exclude_patterns = ["**.ipynb_checkpoints", "data/README.md"]

html_theme = "furo"
html_title = project
html_show_sphinx = False
html_show_sourcelink = False
html_use_index = False
html_copy_source = True
html_sourcelink_suffix = ""  # or the notebooks to download would end in .txt
html_css_files = ["site.css"]
html_static_path = ["site.css", "math.woff", "math-license.txt"]
html_show_search_summary = False  # it fetches pages, which fails when opened from disk

nb_execution_mode = "off"  # the stored outputs are checked; show these
nb_merge_streams = True  # one box for what a cell prints, not one a line

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_heading_slug_func = methodcaller("replace", " ", "-")  # JupyterLab's anchors

# Prompts, outputs and hidden line ends stay out of what is copied.
copybutton_selector = ".cell_input pre, .highlight-sh pre"

ARCHIVE = "notebooks.zip"
KEPT_OUT = {"__pycache__", ".ipynb_checkpoints"}

MATHML = LatexToMathML()
html_math_renderer = "mathml"


def set_formula(translator: SphinxTranslator, node: nodes.Element) -> None:
    """Write MathML: no script, and an error for what cannot be set."""
    block = isinstance(node, nodes.math_block)
    formula = MATHML.convert_with_local_state(node.astext(), displaystyle=block)
    translator.body.append(formula)
    raise nodes.SkipNode


def describe(
    app: Sphinx, pagename: str, template: str, context: dict, doctree: nodes.document
) -> None:
    """Give each notebook's page its question as description, and a download link."""
    source = context.get("sourcename", "")
    if not source.endswith(".ipynb"):
        return
    question = next(
        paragraph.astext().removeprefix("The question: ")
        for paragraph in doctree.findall(nodes.paragraph)
        if paragraph.astext().startswith("The question: ")
    )
    description = html.escape(question[0].upper() + question[1:])
    context["metatags"] += f'<meta name="description" content="{description}">'
    links = (
        f'<p>Download: <a href="_sources/{source}" download>this notebook</a>, or '
        f'<a href="{ARCHIVE}" download>all notebooks</a> and what they need to run.</p>'
    )
    context["body"] = context["body"].replace("</h1>", f"</h1>\n{links}", 1)


def embed(
    app: Sphinx, pagename: str, template: str, context: dict, doctree: nodes.document
) -> None:
    """Put the line to drag of lesson 03, as it is stored there, into the front page."""
    place = '<div class="from-lesson-03"></div>'
    if place not in context.get("body", ""):
        return
    (lesson,) = app.srcdir.glob("03_*.ipynb")
    outputs = [
        "".join(output.get("data", {}).get("text/html", ""))
        for cell in json.loads(lesson.read_text())["cells"]
        for output in cell.get("outputs", [])
    ]
    (piece,) = (page for page in outputs if page.startswith('<div class="drag-line"'))
    context["body"] = context["body"].replace(place, piece)


def pack(app: Sphinx, exception: Exception | None) -> None:
    """Put what a reader needs to run the notebooks into one file to download."""
    with zipfile.ZipFile(app.outdir / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (".lab.py", "README.md", "requirements.txt", "notebooks", "images"):
            top = app.srcdir.parent / name
            for file in [top, *sorted(top.rglob("*"))]:
                if file.is_file() and not KEPT_OUT & set(file.parts):
                    archive.write(file, file.relative_to(app.srcdir.parent))


def setup(app: Sphinx) -> None:
    """Tell Sphinx what is defined here."""
    renderer = (set_formula, None)
    app.add_html_math_renderer(html_math_renderer, renderer, renderer)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", embed)
    app.connect("build-finished", pack)
