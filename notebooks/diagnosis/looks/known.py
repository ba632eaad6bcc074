"""Messages that PyTorch gives, what they mean, and what to print next."""

from __future__ import annotations

import re

from ..finding import Finding, fault

SHAPES = "print(X.shape, y.shape)"
MODEL = "print(model)"

# A pattern, the kind, the sentence ({0} is the first group), the line to print next.
KNOWN: list[tuple[str, str, str, str]] = [
    (
        r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\1\)",
        "layer-size",
        "{where} gets {0} features in each row, but it was made for {1} and gives {0}: "
        "turn it round (inputs come first in nn.Linear, and your own weight wants .T), "
        "or make it with {0} inputs",
        SHAPES,
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "layer-size",
        "{where} gets {1} features in each row, but it was made for {2}: make it with "
        "{1} inputs, or check what is flattened before it",
        SHAPES,
    ),
    (
        r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)",
        "layer-size",
        "{where} gets {1} features in each time step, but its input_size is {0}: the "
        "last dimension holds the features",
        SHAPES,
    ),
    (
        r"expected input\[(.*?)\] to have (\d+) channels, but got (\d+) channels",
        "layer-size",
        "{where} gets {2} channels, but it was made for {1}: pictures have shape "
        "(rows, channels, height, width), sequences (rows, channels, time): permute",
        SHAPES,
    ),
    (
        r"Given normalized_shape|running_mean should contain",
        "layer-size",
        "{where} normalizes another number of features than it gets",
        SHAPES,
    ),
    (
        r"[Ee]xpected (?:input to be )?\d[D -].*?(?:but )?got .*?(\d)"
        r"|input must have \d dimensions",
        "layer-dimensions",
        "{where} gets another number of dimensions than it expects: add the missing "
        "one with unsqueeze, such as rows or channels",
        SHAPES,
    ),
    (
        r"shape '(.*?)' is invalid for input of size (\d+)",
        "view",
        "view or reshape asks for {0}, but there are {1} values, and the sizes do not "
        "multiply to that: write x.flatten(1) to keep the rows",
        SHAPES,
    ),
    (
        r"view size is not compatible",
        "view",
        "view cannot read values that were transposed: use reshape instead of view",
        SHAPES,
    ),
    (
        r"For 1D input, 1D target must have size 1, but got target size: (\d+)",
        "rows-differ",
        "the predictions are one row, and the target has {0}: look for a flatten or a "
        "squeeze that takes the rows of the batch along, and write x.flatten(1)",
        SHAPES,
    ),
    (
        r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "rows-differ",
        "the predictions have {0} rows and the target {1}: each row (batch_size) "
        "needs one label; look for a flatten or a view that takes rows along",
        SHAPES,
    ),
    (
        r"Target size \((.*?)\) must be the same as input size \((.*?)\)"
        r"|Using a target size \((.*?)\) that is different to the input size "
        r"\((.*?\))\)",
        "shapes",
        "the target has another size (shape) than the predictions, {0}{2} and not "
        "{1}{3}: add a column with y.unsqueeze(1), or remove one with squeeze(1)",
        SHAPES,
    ),
    (
        r"Expected target size \[(.*?)\], got \[(.*?)\]",
        "shapes",
        "cross_entropy wants the classes in dimension 1 and a target of size [{0}], "
        "but gets [{1}]: flatten rows and time, or transpose(1, 2) the predictions",
        SHAPES,
    ),
    (
        r"Kernel size can't be greater than actual input|Output size is too small",
        "picture-too-small",
        "the picture that reaches {where} is smaller than what the layer looks at: "
        "fewer poolings or strides before it, padding, or larger pictures",
        SHAPES,
    ),
    (
        r"size mismatch, got input \((\d+)\), mat \((\d+)x(\d+)\), vec \((\d+)\)",
        "layer-size",
        "{where} multiplies rows of {2} features with {3} weights: make both as long",
        SHAPES,
    ),
    (
        r"expanded size of the tensor|shape mismatch: |which does not broadcast with"
        r"|Expected size for first two dimensions of batch2|same number of batches"
        r"|attn_mask is .* but should be",
        "shapes",
        "two tensors meet in {where} whose sizes do not match: print both shapes "
        "before it",
        SHAPES,
    ),
    (
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        "shapes",
        "sizes {0} and {1} do not match in {where}: print both shapes before it",
        SHAPES,
    ),
    (
        r"multi-target not supported|0D or 1D target"
        r"|floating point type for target with class probabilities",
        "class-numbers",
        "the target of cross_entropy has a dimension too many: class numbers have "
        "shape (n,), y.squeeze(1)",
        SHAPES,
    ),
    (
        r"Target (-?\d+) is out of bounds",
        "class-numbers",
        "class number {0} is out of bounds: they start at 0, and the model needs a "
        "column for each class",
        "print(model(X).shape, y.min(), y.max())",
    ),
    (
        r"index out of range in self|index \d+ is out of bounds",
        "index-range",
        "an index is out of range in {where}: an embedding of k rows takes whole "
        "numbers from 0 to k - 1, so make num_embeddings the largest index plus 1",
        "print(X.min(), X.max())",
    ),
    (
        r"argument #1 'indices'.*|tensors used as indices must be long"
        r"|Expected dtype int32/int64 for index",
        "index-kind",
        "{where} looks up indices, so it wants whole numbers (int64): x.long()",
        "print(X.dtype)",
    ),
    (
        r"Tried to step (\d+) times. The specified number of total steps is (\d+)",
        "scheduler-end",
        "the scheduler was made for {1} steps, and its step() is called more often: "
        "count the batches of all epochs, or call it once for each epoch",
        "print(len(loader), epochs)",
    ),
    (
        r"missing 1 required positional argument: 'closure'",
        "closure",
        "this optimizer (LBFGS) asks for the loss itself: give step() a closure that "
        "clears the gradients, computes the loss, calls backward() and returns it",
        "print(type(optimizer))",
    ),
    (
        r"expected target dtype to be Long or Byte, but got (\w+)"
        r"|expected scalar type Long but found (\w+)",
        "class-numbers",
        "class numbers have to be whole numbers, int64, not {0}{1}: y.long()",
        "print(y.dtype)",
    ),
    (
        r"can't be cast to the desired output type (?:Long|Int|Bool)"
        r"|expected dtype Float but got dtype Long",
        "dtype",
        "the labels are whole numbers (int64), but this loss computes with floating "
        "point: y.float()",
        "print(y.dtype)",
    ),
    (
        r"[Ff]ound dtype Double but expected Float|expected scalar type (\w+) but found"
        r"|must have the same dtype|have the same dtype|not implemented for '(\w+)'"
        r"|[Ii]nput type .* should be the same|could not infer output dtype",
        "dtype",
        "the dtypes in {where} differ, or it cannot compute with this dtype: bring all "
        "to float32 with float(), and keep class numbers int64",
        "print(X.dtype, y.dtype, next(model.parameters()).dtype)",
    ),
    (
        r"all elements of (?:input|target) should be between 0 and 1",
        "no-sigmoid",
        "BCELoss wants probabilities and labels between 0 and 1: use BCEWithLogitsLoss "
        "on raw outputs, or add a sigmoid",
        "print(model(X).min(), model(X).max(), y.min(), y.max())",
    ),
    (
        r"same device|different from other tensors on",
        "device",
        "model and data have to be on the same device: X.to(device), y.to(device)",
        "print(X.device, next(model.parameters()).device)",
    ),
    (
        r"[Ee]xpected hidden(?:\[\d\])? size|hx should also be",
        "hidden-size",
        "the hidden state in {where} was made for another number of rows: make it in "
        "each call, for the rows of the batch that comes in",
        "print(X.shape)",
    ),
    (
        r"Sizes of tensors must match except in dimension (\d+)"
        r"|stack expects each tensor to be equal size",
        "shapes",
        "tensors that are put together in {where} have sizes that do not match",
        SHAPES,
    ),
    (
        r"Dimension out of range .*but got (-?\d+)",
        "layer-dimensions",
        "dimension {0} is asked for in {where}, and the tensor has no such one: rows "
        "and columns make two, 0 and 1, so one is missing (unsqueeze) or was squeezed",
        SHAPES,
    ),
    (
        r"must be Tensor, not (?:numpy\.)?ndarray|'numpy\.ndarray' object",
        "numpy",
        "a NumPy array stands where a tensor is expected in {where}: "
        "torch.from_numpy(values).float()",
        "print(type(X), type(y))",
    ),
    (
        r"unsupported operand type\(s\) for .*'(tuple|list|dict|NoneType)'",
        "tuple",
        "the model returns a {0}, and {where} computes with it as with a tensor: "
        "unpack it (a recurrent layer returns output, state), or add the return",
        "print(type(model(X)))",
    ),
    (
        r"cannot be converted to (?:a )?[Ss]calar|only one element tensors can",
        "loss-kind",
        "item() or float() wants one number, a scalar, and gets more in {where}",
        SHAPES,
    ),
    (
        r"of distribution (\w+)\(.* but found invalid values"
        r"|probability tensor contains",
        "not-finite",
        "a distribution {0} gets values that are no probabilities, mostly NaN, in "
        "{where}: the weights are no longer finite. Take a smaller learning rate, or "
        "look at roots, logarithms and divisions",
        "print({n: p.isfinite().all() for n, p in model.named_parameters()})",
    ),
    (
        r"out of memory",
        "memory",
        "the memory is full: take smaller batches, measure under torch.no_grad(), and "
        "keep losses as loss.item()",
        "print(X.shape)",
    ),
    (
        r"device-side assert",
        "class-numbers",
        "an index or a class number is out of bounds on the GPU: they go from 0 to "
        "the number of columns minus 1",
        "print(y.min(), y.max(), model(X).shape)",
    ),
    (
        r"weight tensor should be defined|weight to have (\d+)",
        "class-weights",
        "the weights of the classes in the loss have another length than the model "
        "has columns",
        "print(model(X).shape)",
    ),
    (
        r"differentiated Tensors (?:does not require grad|appears to not have been)",
        "input-grad",
        "{where} asks for the slope by a tensor that is not on the record: call "
        "requires_grad_(True) on it before the model sees it",
        "print(X.requires_grad)",
    ),
    (
        r"Inference tensors cannot be saved for backward",
        "recording-off",
        "data that was made under torch.inference_mode() comes into the training: make "
        "it under torch.no_grad(), or use a clone() of it",
        "print(X.is_inference())",
    ),
    (
        r"leaf Variable that requires grad is being used in an in-place",
        "in-place",
        "an inplace operation changes a leaf, a parameter or X, in forward: compute a "
        "new tensor, or change it under torch.no_grad()",
        MODEL,
    ),
    (
        r"modified by an inplace operation",
        "in-place",
        "an inplace operation (such as a += b, x[i] = ... or relu_) overwrites values "
        "that backward needs: write a = a + b",
        "torch.autograd.set_detect_anomaly(True)",
    ),
    (
        r"element 0 of tensors does not require grad",
        "no-gradient",
        "no gradient reaches any parameter: the loss does not require grad, because "
        "its record was cut or never made",
        "print(model(X).requires_grad)",
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        "loss-kind",
        "the loss is not one number, a scalar: take its mean()",
        "print(loss_fn(model(X), y).shape)",
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad|"
        r"can't convert \S+ device type tensor to numpy",  # on a GPU
        "numpy",
        "numpy() in {where} would cut the record, so PyTorch refuses: compute with "
        "torch functions there",
        MODEL,
    ),
    (
        r"Boolean value of Tensor with more than one value",
        "loss-made",
        "a tensor stands where yes or no is expected in {where}: a layer or a loss is "
        "made first and called then, nn.MSELoss()(predictions, y)",
        "print(loss_fn)",
    ),
    (
        r"Expected more than 1 value per channel",
        "one-row",
        "BatchNorm cannot train on a batch of one row: take more rows, or "
        "drop_last=True in the DataLoader",
        SHAPES,
    ),
    (
        r"'tuple' object is not callable",
        "layer-tuple",
        "a layer that {where} calls is a tuple: a comma behind it in __init__ makes it "
        "one, so remove that comma",
        MODEL,
    ),
    (
        r"missing the required \"forward\" function",
        "no-forward",
        "the model has no forward: is it misspelt, or indented into __init__?",
        "print(type(model).forward)",
    ),
    (
        r"'(tuple|list|dict)' object has no attribute|must be Tensor, not (tuple|list)",
        "tuple",
        "a tuple, list or dict stands where a tensor is expected in {where}: a "
        "recurrent layer returns (output, state), so unpack it",
        "print(type(model(X)))",
    ),
    (
        r"'NoneType' object has no attribute|must be Tensor, not NoneType",
        "returns-nothing",
        "None stands where a tensor is expected in {where}: is a return missing?",
        "print(model(X))",
    ),
    (
        r"must be Tensor, not (\w+)",
        "no-tensor",
        "{where} gets a {0} where a tensor is expected. A layer is made first and "
        "called then: nn.ReLU()(x), or torch.relu(x), and self.layer(x)",
        MODEL,
    ),
    (
        r"'(?:float|int)' object has no attribute 'backward'",
        "loss-kind",
        "the loss is a plain number without a record: call backward() on the tensor, "
        "before .item()",
        "print(type(loss))",
    ),
    (
        r"cannot assign (?:module|parameter)s? before Module.__init__\(\) call",
        "no-super",
        "layers come before super().__init__(): make that the first line of __init__",
        "print(type(model).__init__)",
    ),
    (
        r"'(\w+)' object has no attribute '(\w+)'",
        "no-attribute",
        "{0} has no attribute {1}: it is misspelt, or __init__ did not make it",
        MODEL,
    ),
    (
        r"forward\(\) (takes|missing) (.*)",
        "arguments",
        "forward {0} {1}: it has to take what you call the model with, after self",
        "print(type(model).forward)",
    ),
]


def known_error(error: BaseException, where: str) -> Finding | None:
    """Return the cure for an error whose message is known; `where` says who raised."""
    said = f"{type(error).__name__}: {error}"
    for pattern, kind, sentence, line in KNOWN:
        if match := re.search(pattern, said, re.DOTALL):
            groups = [group or "" for group in match.groups()]
            return fault(kind, sentence.format(*groups, where=where), line)
    return None
