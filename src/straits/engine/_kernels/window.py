"""The sorted window of a station's servers, held in registers.

Starting a service takes the first word off the window and puts another in. With the whole window
in registers that is a shift, a minimum and a maximum for each word, without a branch that depends
on the draws and without a way through memory: 3 to 4 ns for up to 32 servers, where an insertion
in memory takes 3 to 12. Numba has no vectors, so the loop is given to LLVM as it stands.

A start waits for the one before it, so what counts is how long the first word takes to get known.
The first words are therefore single numbers; what a vector finds reaches them some starts later.
Vectors hold the others by turns: of R vectors the r-th holds every R-th word from the r-th on, so
that one word on is the next vector as it is, and only one is shifted.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

LANES = 4  # of a register
HEADS = 4
WIDEST = 32

_SHIFT = 25
_WORD = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, LANES)
_INDEX = ir.VectorType(ir.IntType(32), LANES)
_FAR = 1 << 62
_TIME = ~((1 << _SHIFT) - 1)  # the part of an event word that is its instant


def _largest(builder: Any, x: Any, y: Any) -> Any:
    return builder.select(builder.icmp_signed(">", x, y), x, y)


def _smallest(builder: Any, x: Any, y: Any) -> Any:
    return builder.select(builder.icmp_signed("<", x, y), x, y)


def _spread(builder: Any, word: Any) -> Any:
    """Return a vector of one word."""
    one = builder.insert_element(_VECTOR(ir.Undefined), word, ir.IntType(32)(0))
    return builder.shuffle_vector(one, _VECTOR(ir.Undefined), ir.Constant(_INDEX, [0] * LANES))


def _put(builder: Any, heads: list[Any], rest: list[Any], word: Any) -> tuple[Any, Any]:
    """Return the window without its first word and with `word` in its place."""
    first = builder.extract_element(rest[0], ir.IntType(32)(0))
    behind = [*heads[1:], first]
    later = [builder.icmp_signed(">", one, word) for one in behind]
    nearer = [builder.select(late, word, one) for late, one in zip(later, behind, strict=True)]
    # The word is later than the first of the window, which it follows.
    moved = [nearer[0]]
    moved += [builder.select(late, one, other)
              for late, one, other in zip(later[:-1], heads[1:], nearer[1:], strict=True)]
    shift = ir.Constant(_INDEX, list(range(1, LANES + 1)))
    beyond = ir.Constant(_VECTOR, [_FAR] * LANES)
    after = [*rest[1:], builder.shuffle_vector(rest[0], beyond, shift)]
    spread = _spread(builder, word)
    return moved, [_smallest(builder, following, _largest(builder, one, spread))
                   for one, following in zip(rest, after, strict=True)]


def _load(builder: Any, lanes: Any, registers: int) -> list[Any]:
    """Return the window that is in memory."""
    words = [builder.load(builder.gep(lanes, [_WORD(j)]))
             for j in range(HEADS + registers * LANES)]
    rest = []
    for r in range(registers):
        one = _VECTOR(ir.Undefined)
        for lane in range(LANES):
            one = builder.insert_element(one, words[HEADS + lane * registers + r],
                                         ir.IntType(32)(lane))
        rest.append(one)
    return [*words[:HEADS], *rest]


def _store(builder: Any, window: list[Any], lanes: Any) -> None:
    """Put the window back into memory."""
    words = window[:HEADS]
    words += [builder.extract_element(one, ir.IntType(32)(lane))
              for lane in range(LANES) for one in window[HEADS:]]
    for j, word in enumerate(words):
        builder.store(word, builder.gep(lanes, [_WORD(j)]))


def _loop(builder: Any, columns: list[Any], n: Any, limit: Any, registers: int) -> Any:
    """Build the loop over the queue; return the number of services that started."""
    queue, add, passed, waiting, lanes = columns
    kinds = [_WORD] * HEADS + [_VECTOR] * registers
    loaded = _load(builder, lanes, registers)
    entry = builder.block
    loop, body, done = (builder.append_basic_block(name) for name in ("next", "start", "done"))
    builder.cbranch(builder.icmp_signed(">", n, _WORD(0)), loop, done)

    builder.position_at_end(loop)
    i = builder.phi(_WORD)
    window = [builder.phi(kind) for kind in kinds]
    joined = builder.and_(builder.load(builder.gep(queue, [i])), _WORD(_TIME))
    at = _largest(builder, joined, builder.and_(window[0], _WORD(_TIME)))
    builder.cbranch(builder.icmp_signed("<", at, limit), body, done)

    builder.position_at_end(body)
    builder.store(window[0], builder.gep(passed, [i]))
    wait = builder.ashr(builder.sub(at, joined), _WORD(_SHIFT))
    builder.store(wait, builder.gep(waiting, [i]))
    word = builder.add(at, builder.load(builder.gep(add, [i])))
    heads, rest = _put(builder, window[:HEADS], window[HEADS:], word)
    moved = [*heads, *rest]
    following = builder.add(i, _WORD(1))
    builder.cbranch(builder.icmp_signed("<", following, n), loop, done)

    builder.position_at_end(done)
    count = builder.phi(_WORD)
    for block, value in ((entry, _WORD(0)), (loop, i), (body, following)):
        count.add_incoming(value, block)
    last = [builder.phi(kind) for kind in kinds]
    i.add_incoming(_WORD(0), entry)
    i.add_incoming(following, body)
    for j in range(len(kinds)):
        window[j].add_incoming(loaded[j], entry)
        window[j].add_incoming(moved[j], body)
        for block, value in ((entry, loaded[j]), (loop, window[j]), (body, moved[j])):
            last[j].add_incoming(value, block)
    _store(builder, last, lanes)
    return count


def _serve(registers: int) -> Any:
    """Return the intrinsic for windows of ``HEADS + registers * LANES`` servers."""

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


serve_12, serve_20, serve_32 = (_serve(registers) for registers in (2, 4, 7))
