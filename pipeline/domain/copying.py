"""Copying bytes between buffers in compiled code: the processor's own block copy, which no loop over bytes becomes."""

from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from pipeline.domain.slices import Bytes


@intrinsic  # type: ignore[untyped-decorator]
def _block_copy(context: Any, out: Any, at: Any, source: Any, start: Any, length: Any) -> Any:  # noqa: ANN401, ARG001, PLR0913
    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        to = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        origin = context.make_array(signature.args[2])(context, builder, arguments[2]).data
        target, beginning = builder.gep(to, [arguments[1]]), builder.gep(origin, [arguments[3]])
        cgutils.raw_memcpy(builder, target, beginning, arguments[4], ir.Constant(ir.IntType(64), 1))
        return context.get_dummy_value()

    return types.void(out, types.int64, source, types.int64, types.int64), write


def _plain_copy(out: Bytes, at: int, source: Bytes, start: int, length: int) -> None:
    out[at : at + length] = source[start : start + length]


copy_bytes = _plain_copy if numba.config.DISABLE_JIT else _block_copy
"""copy_bytes(out, at, source, start, length): copy bytes from one buffer to another; the buffers must not overlap."""
