"""A second device: importing this gives PyTorch an accelerator, made of the CPU.

Its tensors know their shape and dtype only; `HELD` has their values. Every operation is
done by the CPU on the values, and refuses tensors of both devices, as a GPU does.
"""

import warnings

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

HELD = {}  # by the address of a storage: the tensor that owns it, and its values


class OnSecond(Tensor):
    """A tensor on the second device, which stands for values on the CPU."""

    @staticmethod
    def __new__(cls, values):
        made = torch._C._acc.create_empty_tensor(values.shape, values.dtype)
        made.__class__ = cls
        HELD[made.untyped_storage()._cdata] = made, values
        return made

    def __format__(self, spec):
        """Return the one number as text, as a tensor on a GPU does."""
        return format(held(self).item(), spec)


def held(thing):
    """Return on the CPU what an argument stands for."""
    if isinstance(thing, Tensor):
        if thing.device.type == "second":
            return HELD[thing.untyped_storage()._cdata][1]
        assert thing.ndim == 0, "expected all tensors on one device"
    return torch.device("cpu") if isinstance(thing, torch.device) else thing


@torch.inference_mode(mode=False)
@torch.no_grad()
def run(operation, *args, **kwargs):
    """Do an operation of the second device on the CPU, and return its result."""
    if operation is torch.ops.aten._copy_from.default:  # the way from or to the CPU
        values = [a if a.device.type == "cpu" else held(a) for a in args[:2]]
        values[1].copy_(values[0])
        return args[1]
    tensors = [a for a in tree_leaves((args, kwargs)) if isinstance(a, Tensor)]
    changed = {id(held(tensor)): tensor for tensor in tensors}
    values, named = tree_map(held, (args, kwargs))

    def back(out):
        return changed.get(id(out), OnSecond(out)) if isinstance(out, Tensor) else out

    results = tree_map(back, operation.overloadpacket(*values, **named))
    for tensor in tensors:
        if tensor.shape != held(tensor).shape:  # an `out` that was resized
            tensor.data = OnSecond(held(tensor))
    return results


_setup_privateuseone_for_python_backend("second")
warnings.filterwarnings("ignore", "An output with one or more elements was resized")
EVERY = torch.library.Library("_", "IMPL")
EVERY.fallback(run, "PrivateUse1")
