"""Turns what was parsed into the tree: makes paths of dots, finds parents, marks tail calls."""

from __future__ import annotations

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.grammar.syntax import Draft, Slot


def resolve(draft: Draft) -> Draft:
    """Resolves a parsed expression; raises JsonataError for what has no meaning."""
    result = _Resolver().resolve(draft)
    if result.kind == "parent" or result.seeking is not None:
        # paths and parents have no position to the reference
        position = None if result.kind in ("parent", "path") else result.position
        raise JsonataError("S0217", position=position, token=result.kind)
    return result


class _Resolver:
    def __init__(self) -> None:
        self.parents: list[Draft] = []

    def resolve(self, draft: Draft) -> Draft:
        keep = draft.keep_array
        result = self._resolved(draft)
        if keep:
            result.keep_array = True
        return result

    def _resolved(self, draft: Draft) -> Draft:
        match draft.kind:
            case "binary":
                return self._binary(draft)
            case "unary":
                return self._unary(draft)
            case "function" | "partial":
                return self._call(draft)
            case "lambda":
                assert draft.third is not None
                draft.third = _tail_call(self.resolve(draft.third))
            case "condition":
                self._parts(draft)
            case "transform":
                self._parts(draft, passing_up=False)
            case "block":
                self._block(draft)
            case "name":
                return self._name(draft)
            case "parent":
                number = len(self.parents)
                draft.slot = Slot(f"!{number}", 1, number)
                self.parents.append(draft)
            case "operator":
                return self._operator(draft)
            case "string" | "number" | "value" | "wildcard" | "descendant" | "variable" | "regex":
                pass
            case kind:
                code = "S0207" if kind == "end" else "S0206"
                raise JsonataError(code, position=draft.position, token=draft.value)
        return draft

    def _name(self, draft: Draft) -> Draft:
        path = Draft("path", None, draft.position, items=[draft])
        path.keep_singleton = draft.keep_array
        return path

    def _operator(self, draft: Draft) -> Draft:
        if draft.value in ("and", "or", "in"):
            draft.kind = "name"
            return self._name(draft)
        if draft.value == "?":
            return draft
        raise JsonataError("S0201", position=draft.position, token=draft.value)

    def _parts(self, draft: Draft, *, passing_up: bool = True) -> None:
        for name in ("lhs", "rhs", "third"):
            part: Draft | None = getattr(draft, name)
            if part is not None:
                part = self.resolve(part)
                setattr(draft, name, part)
                if passing_up:
                    _pass_up(draft, part)

    def _block(self, draft: Draft) -> None:
        for at, item in enumerate(draft.items):
            part = self.resolve(item)
            draft.items[at] = part
            _pass_up(draft, part)
            if part.cons or (part.kind == "path" and part.items[0].cons):
                draft.cons = True

    def _call(self, draft: Draft) -> Draft:
        assert draft.lhs is not None
        for at, item in enumerate(draft.items):
            draft.items[at] = self.resolve(item)
            _pass_up(draft, draft.items[at])
        draft.lhs = self.resolve(draft.lhs)
        return draft

    def _unary(self, draft: Draft) -> Draft:
        if draft.value == "[":
            for at, item in enumerate(draft.items):
                draft.items[at] = self.resolve(item)
                _pass_up(draft, draft.items[at])
            return draft
        if draft.value == "{":
            draft.pairs = self._pairs(draft, passing_up=True)
            return draft
        assert draft.lhs is not None
        operand = self.resolve(draft.lhs)
        if operand.kind == "number" and isinstance(operand.value, int | float):
            operand.value = -operand.value
            return operand
        draft.lhs = operand
        _pass_up(draft, operand)
        return draft

    def _pairs(self, draft: Draft, *, passing_up: bool) -> list[tuple[Draft, Draft]]:
        pairs: list[tuple[Draft, Draft]] = []
        for key, value in draft.pairs:
            pair = self.resolve(key), self.resolve(value)
            if passing_up:
                _pass_up(draft, pair[0])
                _pass_up(draft, pair[1])
            pairs.append(pair)
        return pairs

    def _binary(self, draft: Draft) -> Draft:
        match draft.value:
            case ".":
                return self._dot(draft)
            case "[":
                return self._predicate(draft)
            case "{":
                return self._group(draft)
            case "^":
                return self._order(draft)
            case "@":
                return self._focus(draft)
            case "#":
                return self._index(draft)
            case ":=":
                assert draft.rhs is not None
                draft.kind = "bind"
                draft.rhs = self.resolve(draft.rhs)
                _pass_up(draft, draft.rhs)
            case "~>":
                draft.kind = "apply"
                self._parts(draft, passing_up=False)
                assert draft.lhs is not None
                assert draft.rhs is not None
                draft.keep_array = draft.lhs.keep_array or draft.rhs.keep_array
            case _:
                self._parts(draft)
        return draft

    def _left(self, draft: Draft) -> Draft:
        assert draft.lhs is not None
        return self.resolve(draft.lhs)

    def _dot(self, draft: Draft) -> Draft:
        assert draft.rhs is not None
        first = self._left(draft)
        result = first if first.kind == "path" else Draft("path", None, first.position, items=[first])
        if first.kind == "parent" and first.slot is not None:
            result.seeking = [first.slot]
        rest = self.resolve(draft.rhs)
        if rest.kind == "path":
            result.items.extend(rest.items)
        else:
            if rest.filters is not None:
                rest.stages, rest.filters = rest.filters, None
            result.items.append(rest)
        for step in result.items:
            if step.kind in ("number", "value"):
                raise JsonataError("S0213", position=step.position, value=step.value)
            if step.kind == "string":
                step.kind = "name"
        if any(step.keep_array for step in result.items):
            result.keep_singleton = True
        for step in (result.items[0], result.items[-1]):
            if step.is_array():
                step.cons = True
        self._resolve_parents(result)
        return result

    def _predicate(self, draft: Draft) -> Draft:
        assert draft.rhs is not None
        result = self._left(draft)
        step = result.items[-1] if result.kind == "path" else result
        if step.group is not None:
            raise JsonataError("S0209", position=draft.position)
        condition = self.resolve(draft.rhs)
        if condition.seeking is not None:
            for slot in condition.seeking:
                if slot.level == 1:
                    self._seek(step, slot)
                else:
                    slot.level -= 1
            _pass_up(step, condition)
        if result.kind == "path":
            step.stages = [*(step.stages or ()), condition]
        else:
            step.filters = [*(step.filters or ()), condition]
        return result

    def _group(self, draft: Draft) -> Draft:
        result = self._left(draft)
        if result.group is not None:
            raise JsonataError("S0210", position=draft.position)
        group = Draft("group", None, draft.position)
        group.pairs = self._pairs(draft, passing_up=False)
        result.group = group
        return result

    def _order(self, draft: Draft) -> Draft:
        result = self._left(draft)
        if result.kind != "path":
            result = Draft("path", None, result.position, items=[result])
        step = Draft("sort", None, draft.position)
        for descending, term in draft.terms:
            value = self.resolve(term)
            _pass_up(step, value)
            step.terms.append((descending, value))
        result.items.append(step)
        self._resolve_parents(result)
        return result

    def _focus(self, draft: Draft) -> Draft:
        result = self._left(draft)
        step = result.items[-1] if result.kind == "path" else result
        if step.stages is not None or step.filters is not None:
            raise JsonataError("S0215", position=draft.position)
        if step.kind == "sort":
            raise JsonataError("S0216", position=draft.position)
        if draft.keep_array:
            step.keep_array = True
        assert draft.rhs is not None
        step.focus = str(draft.rhs.value)
        step.tuples = True
        return result

    def _index(self, draft: Draft) -> Draft:
        result = self._left(draft)
        step = result
        if result.kind == "path":
            step = result.items[-1]
        else:
            result = Draft("path", None, result.position, items=[result])
            if step.filters is not None:
                step.stages, step.filters = step.filters, None
        assert draft.rhs is not None
        name = str(draft.rhs.value)
        if step.stages is None:
            step.index = name
        else:
            step.stages.append(Draft("index", name, draft.position))
        step.tuples = True
        return result

    # ancestry

    def _seek(self, step: Draft, slot: Slot) -> Slot:
        """Lets the step bind the slot's label if it is the one that is looked for."""
        match step.kind:
            case "name" | "wildcard":
                slot.level -= 1
                if slot.level == 0:
                    self._bind(step, slot)
            case "parent":
                slot.level += 1
            case "block":
                if step.items:
                    step.tuples = True
                    slot = self._seek(step.items[-1], slot)
            case "path":
                step.tuples = True
                at = len(step.items) - 1
                slot = self._seek(step.items[at], slot)
                while slot.level > 0 and at > 0:
                    at -= 1
                    slot = self._seek(step.items[at], slot)
            case kind:
                raise JsonataError("S0217", position=step.position, token=kind)
        return slot

    def _bind(self, step: Draft, slot: Slot) -> None:
        if step.ancestor is not None:
            parent = self.parents[slot.index].slot
            assert parent is not None
            parent.label = step.ancestor.label
        step.ancestor = slot
        step.tuples = True

    def _resolve_parents(self, path: Draft) -> None:
        last = path.items[-1]
        slots = last.seeking if last.seeking is not None else []
        if last.kind == "parent" and last.slot is not None:
            slots.append(last.slot)
        for first in slots:
            slot = first
            at = len(path.items) - 2
            while slot.level > 0:
                if at < 0:
                    if path.seeking is None:
                        path.seeking = []
                    path.seeking.append(slot)
                    break
                step = path.items[at]
                at -= 1
                while at >= 0 and step.focus and path.items[at].focus:
                    step = path.items[at]
                    at -= 1
                slot = self._seek(step, slot)


def _pass_up(result: Draft, value: Draft) -> None:
    """Lets an outer expression look for the parents that an inner one did not find."""
    if value.seeking is None and value.kind != "parent":
        return
    slots = value.seeking if value.seeking is not None else []
    if value.kind == "parent" and value.slot is not None:
        slots.append(value.slot)
    if result.seeking is None:
        result.seeking = slots
    else:
        result.seeking.extend(slots)


def _tail_call(draft: Draft) -> Draft:
    if draft.kind == "function" and not draft.filters:
        return Draft("tail", None, draft.position, lhs=draft)
    if draft.kind == "condition":
        assert draft.rhs is not None
        draft.rhs = _tail_call(draft.rhs)
        if draft.third is not None:
            draft.third = _tail_call(draft.third)
    elif draft.kind == "block" and draft.items:
        draft.items[-1] = _tail_call(draft.items[-1])
    return draft
