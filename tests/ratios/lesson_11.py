"""What lesson 11 says about the cost of sharing, asserted in its kernel.

A comment gives what was measured on a quiet machine.
"""

from typing import Any


def sharing_pays_for_much_work_only(ran: dict[str, Any]) -> None:
    measured = ran["measured"]
    few, more, many = measured["steps"].values()
    assert few["shared"] > 1.3 * few["alone"], few  # 3
    assert more["shared"] > 1.1 * more["alone"], more  # 1.4
    assert many["alone"] > 1.1 * many["shared"], many  # 1.9
    sent = [1 - step["silent"] / step["shared"] for step in (few, many)]
    assert sent[0] > sent[1], sent  # 0.6, 0.1
    (n, shortest), *_, (_, longest) = measured["all_reduce"]
    assert n == 8
    assert longest > 5 * shortest, measured["all_reduce"]  # 40
    for n_bytes, took in measured["all_reduce"]:
        straight = shortest + n_bytes / 8**8 * longest
        assert 1 / 4 < straight / took < 4, (n_bytes, took)  # 0.6 to 2.5
