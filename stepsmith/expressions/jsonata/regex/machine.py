"""A backtracking machine that visits each state at most once.

Which way on from a place in the program and in the text depends on how one came there only by whether each
repetition around it has matched something yet, because JavaScript refuses to repeat what has matched nothing. With
that a state is what it is, one that has led nowhere is not tried again, and the time is linear in the text. Only
patterns that refer back to a group may take longer; what they do is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.regex import syntax
from stepsmith.expressions.jsonata.regex.charsets import LINE_ENDS, WORD, CharSet, canonical

CHAR, CHARS, SPLIT, JUMP, SAVE, RESET, EDGE, LOOK, BACK, ENTER, CHECK, DONE, ATOMIC = range(13)

_LARGEST_PROGRAM: Final = 20_000
_STEP_WORK: Final = 8
_VISIT_WORK: Final = 16
_STRETCH: Final = 1024
_WORD: Final = CharSet(WORD)
_LINE_END: Final = CharSet(LINE_ENDS)

Instruction = tuple[int, Any, Any]


@dataclass(slots=True)
class Program:
    """Instructions for one direction of reading."""

    ignore_case: bool
    multiline: bool
    groups: int
    backward: bool = False
    code: list[Instruction] = field(default_factory=list[Instruction])
    remembers: bool = False
    loops: int = 0
    """How deep repetitions of what may be empty are nested."""


def build(term: syntax.Term, groups: int, *, ignore_case: bool, multiline: bool) -> Program:
    """The program of a regular expression; raises JsonataError where it is too large."""
    program = Program(ignore_case, multiline, groups, remembers=_remembers(term))
    _emit(program, term)
    program.code.append((DONE, None, None))
    return program


def _remembers(term: syntax.Term) -> bool:
    """Whether the way on depends on what a group has matched."""
    match term:
        case syntax.Back():
            return True
        case syntax.Sequence(parts) | syntax.Choice(parts):
            return any(map(_remembers, parts))
        case syntax.Group(_, body) | syntax.Repeat(body) | syntax.Look(body) | syntax.Atomic(body):
            return _remembers(body)
        case _:
            return False


def _may_be_empty(term: syntax.Term) -> bool:
    match term:
        case syntax.Chars() | syntax.Class():
            return False
        case syntax.Sequence(parts):
            return all(map(_may_be_empty, parts))
        case syntax.Choice(options):
            return any(map(_may_be_empty, options))
        case syntax.Group(_, body) | syntax.Atomic(body):
            return _may_be_empty(body)
        case syntax.Repeat(body, least):
            return least == 0 or _may_be_empty(body)
        case _:
            return True


def _emit(program: Program, term: syntax.Term, depth: int = 0) -> None:
    code = program.code
    if len(code) > _LARGEST_PROGRAM:
        raise JsonataError("U1005", message="Regular expression too large")
    match term:
        case syntax.Chars(ranges, negated):
            code.append(_chars(program, ranges, negated))
        case syntax.Sequence(parts):
            for part in reversed(parts) if program.backward else parts:
                _emit(program, part, depth)
        case syntax.Choice(options):
            _emit_choice(program, options, depth)
        case syntax.Group(number, body):
            first, second = (2 * number + 1, 2 * number) if program.backward else (2 * number, 2 * number + 1)
            code.append((SAVE, first, None))
            _emit(program, body, depth)
            code.append((SAVE, second, None))
        case syntax.Repeat():
            _emit_repeat(program, term, depth)
        case syntax.Class(members):
            code.append((CHARS, members, None))
        case syntax.Edge(kind) | syntax.Place(kind):
            code.append((EDGE, kind, None))
        case syntax.Look(body, ahead, negated):
            code.append((LOOK, _inner(program, body, backward=not ahead), negated))
        case syntax.Atomic(body):
            code.append((ATOMIC, _inner(program, body, backward=program.backward), None))
        case syntax.Back(number, strict, fold):
            code.append((BACK, number, (strict, fold or program.ignore_case)))


def _inner(program: Program, body: syntax.Term, *, backward: bool) -> Program:
    inner = Program(program.ignore_case, program.multiline, program.groups, backward)
    inner.remembers = program.remembers
    _emit(inner, body)
    inner.code.append((DONE, None, None))
    return inner


def _chars(program: Program, ranges: tuple[tuple[int, int], ...], negated: bool) -> Instruction:
    if not negated and len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not program.ignore_case:
        return CHAR, chr(ranges[0][0]), None
    return CHARS, CharSet(ranges, negated=negated, ignore_case=program.ignore_case), None


def _emit_choice(program: Program, options: tuple[syntax.Term, ...], depth: int) -> None:
    code = program.code
    ends: list[int] = []
    for option in options[:-1]:
        split = len(code)
        code.append((SPLIT, split + 1, None))
        _emit(program, option, depth)
        ends.append(len(code))
        code.append((JUMP, None, None))
        code[split] = (SPLIT, split + 1, len(code))
    _emit(program, options[-1], depth)
    for end in ends:
        code[end] = (JUMP, len(code), None)


def _emit_repeat(program: Program, term: syntax.Repeat, depth: int) -> None:
    for _ in range(term.least):
        _emit_once(program, term, depth)
    code = program.code
    if term.most is None:
        start = len(code)
        _emit_optional(program, term, depth)
        if term.may_rest and code[-1][0] == CHECK:
            code[-1] = (CHECK, depth, len(code) + 1)
        code.append((JUMP, start, None))
        code[start] = _split(start + 1, len(code), greedy=term.greedy)
        return
    splits: list[int] = []
    for _ in range(term.most - term.least):
        splits.append(len(code))
        _emit_optional(program, term, depth)
    for split in splits:
        code[split] = _split(split + 1, len(code), greedy=term.greedy)
    if term.may_rest:
        for last in [at - 1 for at in splits[1:]] + [len(code) - 1] if splits else ():
            if code[last][0] == CHECK:
                code[last] = (CHECK, depth, len(code))


def _emit_optional(program: Program, term: syntax.Repeat, depth: int) -> None:
    """A place for a split, and what is repeated, which may not match nothing."""
    program.code.append((SPLIT, None, None))
    if not _may_be_empty(term.body):
        _emit_once(program, term, depth)
        return
    program.loops = max(program.loops, depth + 1)
    program.code.append((ENTER, depth, None))
    _emit_once(program, term, depth + 1)
    program.code.append((CHECK, depth, None))


def _emit_once(program: Program, term: syntax.Repeat, depth: int) -> None:
    if term.end > term.first:
        program.code.append((RESET, 2 * term.first, 2 * term.end))
    _emit(program, term.body, depth)


def _split(inside: int, after: int, *, greedy: bool) -> Instruction:
    return (SPLIT, inside, after) if greedy else (SPLIT, after, inside)


class Machine:
    """Runs a program on one text."""

    def __init__(self, program: Program, text: str, charge: Callable[[int], None]) -> None:
        self.program = program
        self.text = text
        self.charge = charge
        self.slots: list[int] = [-1] * (2 * program.groups + 2)
        self.seen: set[int] | None = None if program.remembers else set()
        self.loops = [-1] * program.loops

    def run(self, start: int) -> int:
        """Where a match from that place ends; -1 without one. `slots` then has the groups."""
        code, text, slots, loops, seen = self.program.code, self.text, self.slots, self.loops, self.seen
        first: Any
        second: Any
        backward = self.program.backward
        size = len(text)
        width = size + 1
        undo: list[tuple[list[int], int, int]] = []
        waiting: list[tuple[int, int, int]] = [(0, start, 0)]
        steps = 0
        while waiting:
            at, place, mark = waiting.pop()
            while len(undo) > mark:
                target, index, old = undo.pop()
                target[index] = old
            while True:
                steps += 1
                if steps % _STRETCH == 0:
                    self.charge(_STRETCH * _STEP_WORK)
                kind, first, second = code[at]
                if kind <= CHARS:
                    read = place - 1 if backward else place
                    if not 0 <= read < size or not (
                        text[read] in first if kind == CHARS else text[read] == first
                    ):
                        break
                    place += -1 if backward else 1
                    at += 1
                elif kind == SPLIT:
                    if seen is not None:
                        state = at * width + place
                        for began in loops:
                            state = 2 * state + (began == place)
                        if state in seen:
                            break
                        seen.add(state)
                        if steps % 64 == 0:
                            self.charge(64 * _VISIT_WORK)
                    waiting.append((second, place, len(undo)))
                    at = first
                elif kind == JUMP:
                    at = first
                elif kind == DONE:
                    self.charge(_STEP_WORK * (steps % _STRETCH))
                    return place
                elif kind == SAVE:
                    self._set(slots, first, place, undo)
                    at += 1
                elif kind == ENTER:
                    self._set(loops, first, place, undo)
                    at += 1
                elif kind == CHECK:
                    if loops[first] == place:
                        if second is None:
                            break
                        self._set(loops, first, -1, undo)
                        at = second
                        continue
                    # what is no longer repeated makes no difference to where one is
                    self._set(loops, first, -1, undo)
                    at += 1
                elif kind == RESET:
                    for index in range(first, second):
                        if slots[index] != -1:
                            undo.append((slots, index, slots[index]))
                            slots[index] = -1
                    at += 1
                else:
                    place = self._other(kind, first, second, place, undo)
                    if place < 0:
                        break
                    at += 1
        for target, index, old in reversed(undo):
            target[index] = old
        self.charge(_STEP_WORK * (steps % _STRETCH))
        return -1

    @staticmethod
    def _set(target: list[int], index: int, value: int, undo: list[tuple[list[int], int, int]]) -> None:
        undo.append((target, index, target[index]))
        target[index] = value

    def _other(self, kind: int, first: Any, second: Any, place: int, undo: list[Any]) -> int:
        """Edges, looks, atomic groups and back references: the place after, -1 where they do not hold."""
        if kind == EDGE:
            holds = self._edge(first, place) if isinstance(first, str) else first(self.text, place)
            return place if holds else -1
        if kind == LOOK:
            return place if (self._inside(first, place, undo) >= 0) is not second else -1
        if kind == ATOMIC:
            return self._inside(first, place, undo)
        number = int(first)
        if 2 * number >= len(self.slots):
            return -1
        begin, end = self.slots[2 * number], self.slots[2 * number + 1]
        strict, fold = second
        if begin < 0 or end < 0:
            return -1 if strict else place
        wanted = self.text[begin:end]
        backward = self.program.backward
        start = place - len(wanted) if backward else place
        if start < 0:
            return -1
        found = self.text[start : start + len(wanted)]
        if fold:
            wanted, found = "".join(map(canonical, wanted)), "".join(map(canonical, found))
        self.charge(len(wanted))
        if found != wanted:
            return -1
        return start if backward else start + len(wanted)

    def _edge(self, kind: str, place: int) -> bool:
        text, multiline = self.text, self.program.multiline
        if kind == "^":
            return place == 0 or (multiline and text[place - 1] in _LINE_END)
        if kind == "$":
            return place == len(text) or (multiline and text[place] in _LINE_END)
        before = place > 0 and text[place - 1] in _WORD
        after = place < len(text) and text[place] in _WORD
        return (before != after) is (kind == "b")

    def _inside(self, program: Program, place: int, undo: list[Any]) -> int:
        """Where a program of its own ends that begins at a place, with the groups that it set; -1 where it does not."""
        inner = Machine(program, self.text, self.charge)
        inner.slots[:] = self.slots
        end = inner.run(place)
        if end < 0:
            return -1
        for index, value in enumerate(inner.slots):
            if value != self.slots[index]:
                undo.append((self.slots, index, self.slots[index]))
                self.slots[index] = value
        return end
