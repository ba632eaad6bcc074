"""Claims that were once made, and false: no lesson makes them again."""

import re
from pathlib import Path

from lessons import NOTEBOOKS, ROOT, said

FALSE = {  # what finds such a claim, and how it read
    r"any start will do": "Any start will do: training moves it.",
    r"all that training does": "That is all that training does.",
    r"never take part in training": "can never take part in training later",
    r"only on which side of the points": "only on which side of the points the line is",
    r"fixed step with the mean absolute": "A fixed step with the mean absolute error",
    r"as long as one far away": "so a step near the goal is as long as one far away",
    r"slope (of the MAE )?does not become": "the slope does not become smaller",
    r"(?<!exact labels, )MAE .{,25}needs": "MAE shrugs at outliers and needs",
    r"shrugs at outliers": "MAE shrugs at outliers",
    r"settles by itself(?!, if)": "MSE is pulled by them and settles by itself.",
    r"older versions are safe": "so that older versions are safe too",
    r"`weights_only=True` refuses": "when loaded; `weights_only=True` refuses.",
    r"called a \*\*checkpoint": "what was learned, in a file called a **checkpoint**",
    r"a different model is refused": "A file from a different model is refused.",
    r"model is stored with pickle": "The whole model is stored with pickle",
    r"test set is all you have": "Then the test set is all you have.",
    r"any model, without a mistake": "does it for any model, without a mistake",
    r"model beyond the line has": "hardly any model beyond the line has such a formula",
    r"momentum is there first": "Momentum is there first, although it overshoots",
    r"error (would look|looks) better": "the test error looks better than it will be",
    r"looked at after the choice": "The test error, looked at after the choice, agrees",
    r"(?<!average, )the steps still lead": "The steps still lead the same way",
    r"is a correlation": "That is a correlation, not a cause.",
    r"same numbers on every": "you see the same numbers on every computer",
    r"so the loss cannot fall": "So the loss cannot fall much lower than this.",
    r"cure that always helps": "The cure that always helps is more data.",
    r"each of its weights answers": "each of its weights answers a question",
    r"nobody can say .{,25}which": "So nobody can say from these birds which",
    r"then the line is enough": "Then the line is enough, and it says more",
    r"runs the model once on": "it runs the model once on example data",
    r"dropout is why": "dropout is why `train()` and `eval()` exist",
    r"not move \| [^|]+-The-wrong-mode": "does not move | [9](#9-The-wrong-mode)",
    r"near 1 says: take larger": "A condition number near 1 says: take larger steps.",
    r"norm of a gradient .{,20}grows": "norm of a gradient for some epochs: it grows",
    r"fault is in the program and": "the fault is in the program and not in the data",
    r"shapes,? and mode work": "Then gradients, optimizer, shapes and mode work.",
    r"nothing that you own may": "on copies: nothing that you own may change.",
    r"looks up dtype": "PyTorch looks up dtype and device",
    r"dot\(\)`, which add in pieces": "`sum()` and `dot()`, which add in pieces",
    r"first block is near enough": "The mean of the first block is near enough",
    r"wait for the others forever": "it would wait for the others forever",
    r"(?<!messages, )the usual way is a ring": "The usual way is a ring",
    r"cost model of all-reduce": "That gives the cost model of all-reduce",
    r"(?<!at rest, )each process keeps only": "each process keeps only its part",
    r"every number and every figure": "every number and every figure is computed again",
    r"it skips nothing": "When `CI` is set, it skips nothing",
}


def test_what_was_once_said_and_is_false_is_not_said_again():
    texts = {path.stem: said(path.stem[:2]) for path in NOTEBOOKS}
    texts["README"] = " ".join((ROOT / "README.md").read_text().split())
    for pattern, once in FALSE.items():
        false = re.compile(pattern, re.IGNORECASE)
        assert false.search(once), pattern
        again = [name for name, text in texts.items() if false.search(text)]
        assert not again, f"false, and said again in {again}: {once}"


def test_each_experiment_quotes_the_sentence_that_it_proves():
    for path in Path(__file__).parent.glob("test_claims_[0-9]*.py"):
        source = path.read_text()
        quoted = re.findall(
            r"^@claims\(.+?^def (\w+)", source, re.MULTILINE | re.DOTALL
        )
        assert quoted == re.findall(r"^def (test_\w+)", source, re.MULTILINE), path.name
