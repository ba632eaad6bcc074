"""Compare each figure that a cell draws with the stored one, in the same run.

A cell that is exempt from comparison must still draw as many.

nbval runs the cells and compares everything else. It never compares pictures.
"""

import pytest
from nbval.plugin import IPyNbCell

from compare import compare_figures


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """After nbval has run a cell and compared its text, compare its figures."""
    result = yield
    if isinstance(item, IPyNbCell):
        name = f"{item.path.stem}-cell-{item.cell_num}"
        messages = compare_figures(item.cell, item.test_outputs, name)
        if messages:
            pytest.fail("\n".join(messages), pytrace=False)
    return result
