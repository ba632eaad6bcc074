"""`watch`: stand beside a loop of the reader's own, and name what only a loop shows."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any

import torch
from torch import Tensor, nn

from .finding import Finding
from .looks.mode import asks_for_mode, depends_on_mode
from .record import nodes_behind
from .tensors import anything, finite, tensors_in
from .verdicts import FIRST, LAST, verdicts

TAGGED = 20  # forward passes whose record gets a tag, to see whether it is kept
SMALL = 1024  # values in an output that is kept as it is
CHECKED = 64  # forward passes between two looks at the sizes of the outputs
NOTHING = 1e-4  # of the largest learning rate


class Token:
    """Lives as long as the record that it is put into."""


class Watch:
    """What a loop did; it is filled while the loop runs, by hooks."""

    def __init__(self, model: nn.Module, optimizer: Any) -> None:
        self.model, self.optimizer = model, optimizer
        self.findings: list[Finding] = []
        self.hooks: list[Any] = []
        self.waiting: list[tuple[Tensor, Any]] = []  # until a gradient reaches one
        held = [p for group in optimizer.param_groups for p in group["params"]]
        lazy = nn.parameter.is_lazy
        self.held = [p for p in held if p.requires_grad and p.is_leaf and not lazy(p)]
        self.parameter: Tensor | None = None  # the first one that a gradient reaches
        modules = list(model.modules())
        self.matters = any(depends_on_mode(m) or asks_for_mode(m) for m in modules)
        self.scheduled = any("initial_lr" in group for group in optimizer.param_groups)
        self.calls = self.forwards = self.backwards = self.steps = self.closures = 0
        self.uncleared = self.late = self.empty = self.cleared = self.asleep = 0
        self.doubled = self.zero_rate = self.zeros = self.lost = self.again = 0
        self.alive = 0  # old steps whose record was still there, at most
        self.largest_rate = 0.0
        self.forward_since_step = self.backward_since_step = False
        self.backward_since_forward = self.training = self.repeats = False
        self.unrecorded = False  # the last prediction was made with recording off
        self.resting = self.stale = self.in_closure = self.moved = False
        self.grad: Tensor | None = None  # as it was at the last backward or step
        self.version = -1
        self.place = -1  # the version of the parameter at the last backward or step
        self.single: Tensor | None = None  # the gradient of one backward
        self.tokens: list[tuple[int, weakref.ref]] = []
        self.nodes: set[Any] = set()
        self.shared = False
        self.sizes: list[tuple[int, str, Tensor]] = []
        self.start: Tensor | None = None  # the first prediction, and the last ones
        self.ends: deque[Tensor] = deque(maxlen=LAST)
        self.not_finite: tuple[int, str] | None = None
        self.error: BaseException | None = None

    def __enter__(self) -> Watch:
        inner = [(n, m) for n, m in self.model.named_modules() if n]
        leaves = [(n, m) for n, m in inner if not any(m.children())]
        for name, module in leaves:
            compiled = "_orig_mod" in name  # a hook would be compiled as well
            if not compiled and not isinstance(module, torch.jit.ScriptModule):
                self.hooks.append(module.register_forward_hook(self.on_layer(name)))
        if not isinstance(self.model, torch.jit.ScriptModule):  # it takes no hooks
            self.hooks.append(self.model.register_forward_hook(self.on_forward))
        for parameter in self.held:
            hook = parameter.register_post_accumulate_grad_hook(self.on_backward)
            self.waiting.append((parameter, hook))
        if hasattr(self.optimizer, "register_step_pre_hook"):
            self.hooks.append(self.optimizer.register_step_pre_hook(self.before_step))
            self.hooks.append(self.optimizer.register_step_post_hook(self.after_step))
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.wait_no_more()
        for hook in self.hooks:
            hook.remove()
        self.hooks.clear()
        self.error = error
        self.look_at_sizes()
        self.findings = verdicts(self)
        self.nodes.clear()
        self.grad = self.single = self.start = None
        self.ends.clear()

    def wait_no_more(self) -> None:
        """Keep the hook on the parameter that a gradient reached, and no other."""
        for parameter, hook in self.waiting:
            if parameter is self.parameter:
                self.hooks.append(hook)
            else:
                hook.remove()
        self.waiting.clear()

    def on_layer(self, name: str) -> Any:
        """Return a hook that notes the size of what a layer gives."""

        def hook(_module: nn.Module, _args: Any, out: Any) -> None:
            if isinstance(out, Tensor) and out.requires_grad:
                self.note_size(name, out)

        return hook

    def note_size(self, name: str, out: Tensor) -> None:
        """Keep an output, or of a large one its size, to be read later, all at once."""
        values = out.detach()
        if values.numel() > SMALL:
            values = torch.linalg.vector_norm(values, torch.inf)
        self.sizes.append((self.forwards, name, values))

    def on_forward(self, module: nn.Module, _args: Any, out: Any) -> None:
        """Note that the model predicted with recording on."""
        self.calls += 1
        first = out if isinstance(out, Tensor) else next(tensors_in(out), None)
        if first is None or not first.requires_grad:
            self.unrecorded = not torch.is_grad_enabled()
            return
        self.note_size("", first)
        self.ends.append(self.sizes[-1][-1])
        if self.start is None:
            self.start = self.ends[-1]
        self.forwards += 1
        self.forward_since_step = True
        self.backward_since_forward = self.unrecorded = False
        self.training = module.training
        if self.forwards <= TAGGED and first.grad_fn is not None:
            token = Token()
            first.grad_fn.metadata[id(self)] = token
            self.tokens.append((self.steps, weakref.ref(token)))
            self.count_records(self.steps)
            self.compare_records(first)
        elif self.forwards % CHECKED == 0:
            self.look_at_sizes()

    def count_records(self, now: int) -> None:
        """Count the steps before this one whose record is still there."""
        old = {step for step, token in self.tokens if token() is not None} - {now}
        self.alive = max(self.alive, len(old))

    def compare_records(self, out: Tensor) -> None:
        """See whether the second record leads into the first one."""
        if self.forwards not in (1, 2):
            self.nodes.clear()
            return
        nodes = {n for n in nodes_behind([out]) if not hasattr(n, "variable")}
        self.shared |= self.backwards > 0 and not nodes.isdisjoint(self.nodes)
        self.nodes = nodes

    def look_at_sizes(self) -> None:
        """Read the sizes, and keep where the first one is not finite."""
        noted, self.sizes = self.sizes, []
        flat = [v if v.ndim == 1 else v.reshape(-1) for _, _, v in noted]
        if not noted or self.not_finite or bool(torch.cat(flat).isfinite().all()):
            return
        bad = [(at, name) for at, name, value in noted if not finite(value)]
        whole = [at for at, name in bad if not name]
        if whole:  # a layer may give infinity, such as a mask, if the model does not
            self.not_finite = next(one for one in bad if one[0] == whole[0])

    def on_backward(self, parameter: Tensor) -> None:
        """Note that a gradient arrived, and whether an old one was there."""
        if self.parameter is None:
            self.parameter = parameter
        if parameter is not self.parameter:
            return
        grad = parameter.grad
        if grad is None:
            return
        self.backwards += 1
        added = grad is self.grad and grad._version == self.version + 1
        if self.in_closure:
            self.uncleared += added and self.backwards > 1
        elif not self.backward_since_step:
            self.stale = self.steps > 0 and added
            self.single = grad.clone() if self.repeats else None
        elif not added:  # what was there is gone, and no step has used it
            clipped = grad is self.grad and bool(self.version < grad._version)
            self.lost += not clipped and parameter._version == self.place
            self.stale = False
        if self.backward_since_step and self.backward_since_forward:
            self.repeats = True
            if self.single is not None and torch.equal(grad, 2 * self.single):
                self.doubled += 1
            self.single = None
        self.moved |= self.place not in (-1, parameter._version)
        self.grad, self.version = grad, grad._version
        self.place = parameter._version
        self.backward_since_step = self.backward_since_forward = True
        self.resting = not self.training and self.matters

    def before_step(self, optimizer: Any, args: tuple, kwargs: dict) -> None:
        """Note what gradient a step finds, and its learning rate."""
        self.steps += 1
        if self.waiting and self.parameter is not None:
            self.wait_no_more()
        if len(args) > 1 or kwargs.get("closure"):
            self.closures += 1
            self.in_closure = True
            return
        grad = self.parameter.grad if self.parameter is not None else None
        version = -1 if grad is None else grad._version
        gone = grad is None or (version != self.version and not bool(grad.any()))
        late = self.forward_since_step and not self.backward_since_forward
        fresh = self.forward_since_step or self.backward_since_step
        self.again += not fresh and not gone
        self.empty += gone
        self.late += late
        self.cleared += gone and self.backward_since_step and not late
        self.uncleared += self.stale
        self.asleep += self.resting
        if self.steps <= FIRST:
            grads = [p.grad for p in self.held if p.grad is not None]
            self.zeros += bool(grads) and not any(map(anything, grads))
        self.forward_since_step = self.backward_since_step = self.stale = False
        self.grad, self.version = grad, version
        rate = optimizer.param_groups[0].get("lr", 0.0)
        if isinstance(rate, float):
            self.largest_rate = max(self.largest_rate, rate)
            self.zero_rate += rate <= NOTHING * self.largest_rate

    def after_step(self, _optimizer: Any, _args: tuple, _kwargs: dict) -> None:
        """Note where a step leaves the parameter, and that a closure is over."""
        self.asleep += self.in_closure and self.resting
        self.in_closure = False
        if self.parameter is not None:
            self.place = self.parameter._version


def watch(model: nn.Module, optimizer: Any) -> Watch:
    """Return what watches a loop: `with watch(model, optimizer) as seen:` round it.

    Afterwards, `seen.findings` lists what was wrong, in the form of `diagnose`. It is
    there after an exception, too, which goes on as it would without. Only hooks are
    used, and they are removed at the end.
    """
    return Watch(model, optimizer)
