"""Copying bytes between buffers in compiled code: the processor's own block copy, which no loop over bytes becomes."""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from pipeline.domain.compiled import config
from pipeline.domain.slices import Bytes


def _copy(context: Any, builder: Any, signature: Any, arguments: Any, length: Any) -> Any:
    """Write the machine code of a copy."""
    to = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    origin = context.make_array(signature.args[2])(context, builder, arguments[2]).data
    target, beginning = builder.gep(to, [arguments[1]]), builder.gep(origin, [arguments[3]])
    cgutils.raw_memcpy(  # type: ignore[no-untyped-call]
        builder, target, beginning, length, ir.Constant(ir.IntType(64), 1)
    )
    return context.get_dummy_value()


@intrinsic  # numba's own calling convention, which has no types
def _block_copy(context: Any, out: Any, at: Any, source: Any, start: Any, length: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _copy(context, builder, signature, arguments, arguments[4])

    return types.void(out, types.int64, source, types.int64, types.int64), write


def _plain_copy(out: Bytes, at: int, source: Bytes, start: int, length: int) -> None:
    out[at : at + length] = source[start : start + length]


copy_bytes: Callable[[Bytes, int, Bytes, int, int], None] = (
    _plain_copy if config.DISABLE_JIT else cast("Any", _block_copy)
)
"""copy_bytes(out, at, source, start, length): copy bytes from one buffer to another; the buffers must not overlap."""


def copier_of(length: int) -> Callable[[Bytes, int, Bytes, int], None]:
    """Return a copy of so many bytes, known when it is compiled: a few moves in place of a call."""
    if config.DISABLE_JIT:
        return lambda out, at, source, start: _plain_copy(out, at, source, start, length)

    @intrinsic
    def copy(context: Any, out: Any, at: Any, source: Any, start: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return _copy(context, builder, signature, arguments, ir.Constant(ir.IntType(64), length))

        return types.void(out, types.int64, source, types.int64), write

    made: Callable[[Bytes, int, Bytes, int], None] = cast("Any", copy)
    return made
