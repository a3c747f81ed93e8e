"""The sorted window of a station's servers, held in vector registers.

Starting a service takes the first word off the window and puts another in. With the whole window
in registers that is a shift, a minimum and a maximum for each register, without a branch that
depends on the draws and without a way through memory: 3 to 4 ns for up to 32 servers, where an
insertion in memory takes 3 to 12. Numba has no vectors, so the loop is given to LLVM as it stands;
on machines with narrower registers LLVM splits them.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

LANES = 8
WIDEST = 32

_SHIFT = 25
_WORD = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, LANES)
_INDEX = ir.VectorType(ir.IntType(32), LANES)
_FAR = 1 << 62
_TIME = ~((1 << _SHIFT) - 1)  # the part of an event word that is its instant


def _all(value: int) -> ir.Constant:
    return ir.Constant(_VECTOR, [value] * LANES)


def _largest(builder: Any, x: Any, y: Any) -> Any:
    return builder.select(builder.icmp_signed(">", x, y), x, y)


def _smallest(builder: Any, x: Any, y: Any) -> Any:
    return builder.select(builder.icmp_signed("<", x, y), x, y)


def _spread(builder: Any, vector: Any) -> Any:
    """Return a vector of the first lane."""
    return builder.shuffle_vector(vector, _VECTOR(ir.Undefined), ir.Constant(_INDEX, [0] * LANES))


def _spread_word(builder: Any, word: Any) -> Any:
    """Return a vector of one word."""
    one = builder.insert_element(_VECTOR(ir.Undefined), word, ir.IntType(32)(0))
    return _spread(builder, one)


def _put(builder: Any, window: list[Any], word: Any) -> list[Any]:
    """Return the window without its first word and with `word` in its place."""
    after = [*window[1:], _all(_FAR)]
    shift = ir.Constant(_INDEX, list(range(1, LANES + 1)))
    return [
        _smallest(builder, builder.shuffle_vector(one, following, shift),
                  _largest(builder, one, word))
        for one, following in zip(window, after, strict=True)
    ]


def _loop(builder: Any, columns: list[Any], n: Any, limit: Any, registers: int) -> Any:
    """Build the loop over the queue; return the number of services that started."""
    queue, add, passed, waiting, lanes = columns
    place = builder.bitcast(lanes, _VECTOR.as_pointer())
    places = [builder.gep(place, [_WORD(j)]) for j in range(registers)]
    loaded = [builder.load(one, align=8) for one in places]
    entry = builder.block
    loop, body, done = (builder.append_basic_block(name) for name in ("next", "start", "done"))
    builder.cbranch(builder.icmp_signed(">", n, _WORD(0)), loop, done)

    builder.position_at_end(loop)
    i = builder.phi(_WORD)
    window = [builder.phi(_VECTOR) for _ in range(registers)]
    joined = builder.and_(builder.load(builder.gep(queue, [i])), _WORD(_TIME))
    free = builder.and_(_spread(builder, window[0]), _all(_TIME))
    at = _largest(builder, _spread_word(builder, joined), free)
    first = builder.extract_element(at, ir.IntType(32)(0))
    builder.cbranch(builder.icmp_signed("<", first, limit), body, done)

    builder.position_at_end(body)
    head = builder.extract_element(window[0], ir.IntType(32)(0))
    builder.store(head, builder.gep(passed, [i]))
    wait = builder.ashr(builder.sub(first, joined), _WORD(_SHIFT))
    builder.store(wait, builder.gep(waiting, [i]))
    service = builder.load(builder.gep(add, [i]))
    moved = _put(builder, window, builder.add(at, _spread_word(builder, service)))
    following = builder.add(i, _WORD(1))
    builder.cbranch(builder.icmp_signed("<", following, n), loop, done)

    builder.position_at_end(done)
    count = builder.phi(_WORD)
    for block, value in ((entry, _WORD(0)), (loop, i), (body, following)):
        count.add_incoming(value, block)
    last = [builder.phi(_VECTOR) for _ in range(registers)]
    i.add_incoming(_WORD(0), entry)
    i.add_incoming(following, body)
    for j in range(registers):
        window[j].add_incoming(loaded[j], entry)
        window[j].add_incoming(moved[j], body)
        for block, value in ((entry, loaded[j]), (loop, window[j]), (body, moved[j])):
            last[j].add_incoming(value, block)
    for j in range(registers):
        builder.store(last[j], places[j], align=8)
    return count


def _serve(registers: int) -> Any:
    """Return the intrinsic for windows of up to ``registers * LANES`` servers."""

    @intrinsic
    def serve(typing, queue, add, passed, waiting, lanes, n, limit):
        """Start services before `limit`, an event word; return how many started.

        `queue` are the words of those who joined, `add` their service time and row, `lanes` the
        window, filled up with words of the far future. Fills `passed` with the words that the
        window passed, and `waiting` with the waits [ticks].
        """
        signature = types.int64(queue, add, passed, waiting, lanes, types.int64, types.int64)

        def build(context, builder, signature, arguments):
            columns = [
                context.make_array(kind)(context, builder, argument).data
                for kind, argument in zip(signature.args[:5], arguments[:5], strict=True)
            ]
            return _loop(builder, columns, arguments[5], arguments[6], registers)

        return signature, build

    return serve


serve_8, serve_16, serve_24, serve_32 = (_serve(registers) for registers in (1, 2, 3, 4))
