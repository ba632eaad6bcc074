"""`watch`: stand beside a loop of the reader's own, and name what only a loop shows."""

from __future__ import annotations

import weakref
from collections import deque
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .finding import Finding
from .looks.mode import asks_for_mode, depends_on_mode
from .record import nodes_behind
from .tensors import anything, finite, same, tensors_in
from .verdicts import FIRST, LAST, verdicts

TAGGED = 20  # forward passes whose record gets a tag, to see whether it is kept
SMALL = 1024  # values in an output that is kept as it is
CHECKED = 64  # forward passes between two looks at the sizes of the outputs
NOTHING = 1.001e-4  # of the largest learning rate
NUMBER = (int, float)
current_level = torch._C._functorch.maybe_current_level  # of vmap and the like
is_tracing = torch._C._is_tracing
current_backward = torch._C._current_graph_task_id  # -1 outside of any


class Token:
    """Lives as long as the record that it is put into."""


class Hook(partial):
    """A hook that does nothing in a copy of the model, or when it was saved."""

    def __reduce__(self) -> Any:
        """Return what is put in its place."""
        return getattr, (nullcontext(), "__exit__")


def ordinary() -> bool:
    """Return whether tensors are what they seem, not stand-ins of vmap or a trace."""
    return current_level() is None and not is_tracing()


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
        self.looks_before = False  # at each gradient, too, before it is added
        self.for_input = False  # the last prediction leads to its input, as well
        self.grad: Tensor | None = None  # as it was at the last backward or step
        self.version = -1
        self.place = -1  # the version of the parameter at the last backward or step
        self.single: Tensor | None = None  # the gradient of one backward
        self.kept: Tensor | None = None  # that of a step without a new prediction
        self.tokens: list[tuple[int, weakref.ref]] = []
        self.nodes: set[Any] = set()
        self.shared = False
        self.sizes: list[tuple[int, str, Tensor]] = []
        self.start: Tensor | None = None  # the first prediction, and the last ones
        self.ends: deque[Tensor] = deque(maxlen=LAST)
        self.not_finite: tuple[int, str] | None = None
        self.infinite = False  # there, and not NaN
        self.error: BaseException | None = None

    def __enter__(self) -> Watch:
        inner = [(n, m) for n, m in self.model.named_modules() if n]
        leaves = [(n, m) for n, m in inner if not any(m.children())]
        for name, module in leaves:
            compiled = "_orig_mod" in name  # a hook would be compiled as well
            if not compiled and not isinstance(module, torch.jit.ScriptModule):
                hook = Hook(self.on_layer, name)
                self.hooks.append(module.register_forward_hook(hook))
        if not isinstance(self.model, torch.jit.ScriptModule):  # it takes no hooks
            hook = Hook(self.on_forward)
            self.hooks.append(self.model.register_forward_hook(hook))
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
        if not self.steps and not self.all_finite():
            self.steps, self.lost = self.backwards, 0  # a GradScaler left them out
        if self.harmless():
            self.not_finite = self.start = None
        self.findings = verdicts(self)
        self.nodes.clear()
        self.grad = self.single = self.start = self.kept = None
        self.ends.clear()

    def all_finite(self) -> bool:
        """Return whether neither a prediction nor a gradient shows a NaN or so."""
        return not self.not_finite and all(finite(p.grad) for p in self.held)

    def harmless(self) -> bool:
        """Return whether an infinity, such as a mask's, did no harm."""
        later = self.not_finite and self.forwards > self.not_finite[0] + 1
        return bool(later) and self.infinite and all(map(finite, self.held))

    def wait_no_more(self) -> None:
        """Keep the hook on the parameter that a gradient reached, and no other."""
        for parameter, hook in self.waiting:
            if parameter is self.parameter:
                self.hooks.append(hook)
            else:
                hook.remove()
        self.waiting.clear()

    def on_layer(self, name: str, _module: nn.Module, _args: Any, out: Any) -> None:
        """Note the size of what a layer gives."""
        if isinstance(out, Tensor) and out.requires_grad and ordinary():
            self.note_size(name, out)

    def note_size(self, name: str, out: Tensor) -> Tensor:
        """Keep an output, or of a large one its size, to be read later, all at once."""
        values = out.detach()
        if values.numel() > SMALL:
            values = torch.linalg.vector_norm(values, torch.inf)
        self.sizes.append((self.forwards, name, values))
        return values

    def on_forward(self, module: nn.Module, args: Any, out: Any) -> None:
        """Note that the model predicted with recording on."""
        if not ordinary():
            return
        self.calls += 1
        first = out if isinstance(out, Tensor) else next(tensors_in(out), None)
        if first is None or not first.requires_grad:
            self.unrecorded = not torch.is_grad_enabled()
            return
        self.ends.append(self.note_size("", first))
        if self.start is None:
            self.start = self.ends[-1]
        self.forwards += 1
        self.forward_since_step = True
        self.backward_since_forward = self.unrecorded = False
        self.training = module.training
        if self.backward_since_step:  # so that gradients may be lost
            self.for_input = any(t.requires_grad for t in tensors_in(args))
        checked = self.forwards % CHECKED == 0
        if checked:
            self.look_at_sizes()
        if (checked or self.forwards <= TAGGED) and first.grad_fn is not None:
            token = Token()
            first.grad_fn.metadata[id(self)] = token
            self.tokens.append((self.steps, weakref.ref(token)))
            self.count_records(self.steps)
            self.compare_records(first)

    def count_records(self, now: int) -> None:
        """Count the steps before this one whose record is still there."""
        self.tokens = [one for one in self.tokens if one[1]() is not None]
        old = {step for step, _ in self.tokens} - {now}
        self.alive = max(self.alive, len(old))

    def compare_records(self, out: Tensor) -> None:
        """See whether the second record leads into the first one."""
        if self.forwards not in (1, 2):
            self.nodes.clear()
            return
        nodes = {n for n in nodes_behind([out]) if not hasattr(n, "variable")}
        self.shared |= self.steps > 0 and not nodes.isdisjoint(self.nodes)
        self.nodes = nodes

    def look_at_sizes(self) -> None:
        """Read the sizes, and keep where the first one is not finite."""
        noted, self.sizes = self.sizes, []
        flat = [v if v.ndim == 1 else v.reshape(-1) for _, _, v in noted]
        if not noted or self.not_finite or bool(torch.cat(flat).isfinite().all()):
            return
        bad = [(at, name, value) for at, name, value in noted if not finite(value)]
        whole = [(at, value) for at, name, value in bad if not name]
        if whole:  # a layer may give infinity, such as a mask, if the model does not
            at, value = whole[0]
            self.not_finite = next(one[:2] for one in bad if one[0] == at)
            self.infinite = not bool(value.isnan().any())

    def on_backward(self, parameter: Tensor) -> None:
        """Note that a gradient arrived, and whether an old one was there."""
        if self.parameter is None:
            self.parameter = parameter
        if parameter is not self.parameter:
            return
        grad = parameter.grad
        self.backwards += 1
        if grad is None:  # a hook of the reader's has used it already
            return
        version, place = grad._version, parameter._version
        added = grad is self.grad and version == self.version + 1
        if added and self.steps and not self.looks_before:
            self.looks_before = True
            self.hooks.append(parameter.register_hook(self.before_backward))
        if self.in_closure:
            self.uncleared += added and self.backwards > 1
        elif not self.backward_since_step:
            self.stale = self.steps > 0 and added
            self.single = grad.clone() if self.repeats else None
        elif not added:  # what was there is gone, and no step has used it
            clipped = grad is self.grad and self.version < version
            self.lost += place == self.place and not (clipped or self.for_input)
            self.stale = False
        if self.backward_since_step and self.backward_since_forward:
            self.repeats = True
            if self.single is not None and torch.equal(grad, 2 * self.single):
                self.doubled += 1
            self.single = None
        self.moved |= self.place not in (-1, place)
        self.grad, self.version, self.place = grad, version, place
        self.backward_since_step = self.backward_since_forward = True
        mode = self if self.forwards else self.model  # of one that never calls forward
        self.resting = self.matters and not mode.training

    def before_backward(self, _grad: Tensor) -> None:
        """See whether what a gradient will be added to was cleared, by `.data`."""
        grad = self.parameter.grad if self.parameter is not None else None
        if grad is self.grad and grad is not None and not anything(grad):
            self.grad, self.uncleared = None, 0

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
        late = late and current_backward() == -1  # a hook may step inside of one
        if self.lost and grad is not self.grad:  # put together by hand from the lost
            self.lost = 0
        fresh = self.forward_since_step or self.backward_since_step
        self.again += not fresh and not gone
        if grad is not None and self.forwards and not self.forward_since_step:
            old, self.kept = self.kept, grad.clone()
            self.shared |= old is not None and same(grad, old) and anything(grad)
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
        if isinstance(rate, NUMBER):
            if rate > self.largest_rate:
                self.largest_rate = rate
            elif rate <= NOTHING * self.largest_rate:
                self.note_small_rate(optimizer.param_groups)

    def note_small_rate(self, groups: list[dict[str, Any]]) -> None:
        """Count the step if no group has more, and not the loss made it so small."""
        rate = max(group.get("lr", 0.0) for group in groups)
        self.largest_rate = max(self.largest_rate, rate)
        planned = "initial_lr" in groups[0] or not rate
        self.zero_rate += planned and rate <= NOTHING * self.largest_rate

    def after_step(self, _optimizer: Any, _args: tuple, _kwargs: dict) -> None:
        """Note where a step leaves the parameter, and that a closure is over."""
        if self.in_closure:
            self.asleep += self.resting
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
