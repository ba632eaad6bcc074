"""Remember all that a trial may change, and put it back.

The trial runs on the reader's own objects, because many of them cannot be copied, and a
loss may use the model, or another one, behind our back. So we walk through everything
that can be reached from them (attributes, lists, closures, the globals that a function
names) and remember what each of these holds.
"""

from __future__ import annotations

import functools
import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from .tensors import remembered

LIMIT = 50_000  # a data set in a list does not have to be walked through to its end
PLAIN = (int, float, complex, str, bytes, type(None), torch.dtype, torch.device)
OWNED = (nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler)


class Memory:
    """What `roots`, and all that they lead to, held when this was made."""

    def __init__(self, *roots: Any) -> None:
        self.seen: dict[int, Any] = {}
        self.undo: list[Callable[[], Any]] = []
        todo = deque(roots)
        while todo and len(self.seen) < LIMIT:
            thing = todo.popleft()
            if not isinstance(thing, PLAIN) and id(thing) not in self.seen:
                self.seen[id(thing)] = thing
                todo.extend(self.visit(thing))
        self.undo += random_states()

    def restore(self) -> None:
        """Put everything back."""
        for put_back in self.undo:
            put_back()

    def tensors(self) -> Iterator[Tensor]:
        """Yield each tensor that was found."""
        return (thing for thing in self.seen.values() if isinstance(thing, Tensor))

    def visit(self, thing: Any) -> Iterator[Any]:
        """Remember one thing, and yield what it leads to."""
        kind = type(thing)
        if isinstance(thing, Tensor):
            self.undo.append(remembered(thing))
            for name in ("_backward_hooks", "_post_accumulate_grad_hooks", "__dict__"):
                yield getattr(thing, name, None)
        elif isinstance(thing, dict):
            self.keep(thing, thing.update, lambda: [*thing, *thing.values()])
            yield from thing.values()
        elif kind in (list, deque, set):
            fill = thing.update if kind is set else thing.extend
            self.keep(thing, fill, lambda: list(thing))
            yield from thing
        elif kind in (tuple, frozenset):
            yield from thing
        elif isinstance(thing, types.FunctionType):
            yield from self.visit_function(thing)
        elif isinstance(thing, types.MethodType):
            yield from (thing.__self__, thing.__func__)
        elif isinstance(thing, functools.partial):
            yield from (thing.func, thing.args, thing.keywords)
        elif isinstance(thing, type):
            if of_the_reader(thing.__module__):
                yield from self.visit_class(thing)
        elif isinstance(thing, OWNED) or of_the_reader(kind.__module__):
            yield from self.visit_object(thing)
        else:
            self.undo += kept_by_library(thing)

    def keep(self, held: Any, fill: Callable, members: Callable[[], list]) -> None:
        """Remember the members of a container."""
        copy, then = held.copy(), list(map(id, members()))

        def put_back() -> None:
            if list(map(id, members())) != then:
                held.clear()
                fill(copy)

        self.undo.append(put_back)

    def visit_object(self, thing: Any) -> Iterator[Any]:
        """Remember the attributes of an object; a module also has parameters."""
        kind = type(thing)
        self.undo.append(
            lambda: type(thing) is kind or object.__setattr__(thing, "__class__", kind)
        )
        yield getattr(thing, "__dict__", None)
        yield kind
        if isinstance(thing, nn.Module):
            yield from thing.parameters(recurse=False)
            yield from thing.buffers(recurse=False)
        if isinstance(thing, torch.jit.ScriptModule):
            self.keep_item(thing, "training", getattr, setattr)

    def visit_class(self, kind: type) -> Iterator[Any]:
        """Remember what a class of the reader's keeps for all its objects."""
        yield from kind.__mro__[1:]
        for name, value in list(vars(kind).items()):
            value = getattr(value, "__func__", value)
            if not name.startswith("__") or isinstance(value, types.FunctionType):
                yield value
            if not name.startswith("__") and not callable(value):
                self.keep_item(kind, name, getattr, setattr)

    def visit_function(self, function: types.FunctionType) -> Iterator[Any]:
        """Remember what a function closes over, and the globals that it names."""
        yield from (function.__defaults__, function.__kwdefaults__, vars(function))
        for cell in function.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # nothing has been put there yet
                continue
            self.keep_item(cell, "cell_contents", getattr, setattr)
        scope = function.__globals__
        if not of_the_reader(scope.get("__name__")):
            return
        names = names_in(function.__code__)
        for name in names & scope.keys():
            self.keep_item(scope, name, dict.get, dict.__setitem__)
            yield scope[name]
            if isinstance(scope[name], types.ModuleType):
                module = vars(scope[name])
                if of_the_reader(module.get("__name__")):
                    for inner in names & module.keys():
                        self.keep_item(module, inner, dict.get, dict.__setitem__)
                        yield module[inner]

    def keep_item(self, holder: Any, name: str, get: Callable, put: Callable) -> None:
        """Remember one value of a holder under its name."""
        value = get(holder, name)
        self.undo.append(lambda: get(holder, name) is value or put(holder, name, value))


def of_the_reader(module: str | None) -> bool:
    """Return whether code of this module is the reader's, and not a library's."""
    if (module or "builtins").split(".")[0] in {"torch", *sys.stdlib_module_names}:
        return False
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    return not any(part in path for part in ("site-packages", "dist-packages"))


def names_in(code: types.CodeType) -> set[str]:
    """Return the names that a function, or one inside it, may look up."""
    inner = [names_in(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*inner)


def random_states() -> list[Callable[[], Any]]:
    """Return what sets all sequences of random numbers back to where they stand."""
    undo = [functools.partial(random.setstate, random.getstate())]
    undo += [functools.partial(torch.set_rng_state, torch.get_rng_state())]
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        states = torch.cuda.get_rng_state_all()
        undo += [functools.partial(torch.cuda.set_rng_state_all, states)]
    if numpy := sys.modules.get("numpy"):
        state = numpy.random.get_state()
        undo += [functools.partial(numpy.random.set_state, state)]
    return undo


def kept_by_library(thing: Any) -> list[Callable[[], Any]]:
    """Return what puts a generator or an array of a library back."""
    numpy = sys.modules.get("numpy")
    if isinstance(thing, torch.Generator):
        return [functools.partial(thing.set_state, thing.get_state())]
    if isinstance(thing, random.Random):
        return [functools.partial(thing.setstate, thing.getstate())]
    if numpy and isinstance(thing, numpy.random.Generator):
        bits = thing.bit_generator
        return [functools.partial(setattr, bits, "state", bits.state)]
    if numpy and isinstance(thing, numpy.random.RandomState):
        return [functools.partial(thing.set_state, thing.get_state())]
    if numpy and type(thing) is numpy.ndarray and thing.flags.writeable:
        return [functools.partial(numpy.copyto, thing, thing.copy())]
    return []
