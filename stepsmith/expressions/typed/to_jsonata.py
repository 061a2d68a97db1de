"""Expression trees to JSONata that gives what Python gives.

What decides the text are facts of JSONata 2.0.6: array constructors splice the arrays inside them unless those are
constructors themselves, sequences of one value are that value, and an undefined value disappears inside others. So a
list element that is a list gets brackets of its own, and a value that may be missing is guarded where it is nested.
Names that begin with `$__` are bound and read by this module only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_calls import call
from stepsmith.expressions.typed.jsonata_text import (
    AND,
    ATOM,
    COMPARISON,
    CONDITION,
    OR,
    PATH,
    PRODUCT,
    SIGN,
    SUM,
    Rendered,
    field_name,
    is_plain,
    literal,
    wrapped,
)
from stepsmith.expressions.typed.library.texts import text_slice
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    NONE,
    DictType,
    EnumType,
    ListType,
    ModelType,
    Opaque,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    is_number,
    is_text,
    without_none,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json

_COMPARISONS: Final = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def to_jsonata(node: Expression) -> str:
    """Give an expression as JSONata, without the delimiters of the States Language."""
    return render(node).text


def to_template(node: Expression) -> Json:
    """Give the JSON for a field of a state: constants as they are, expressions between `{%` and `%}`."""
    match node:
        case tree.Constant(value=value):
            return _constant_template(value)
        case tree.ObjectOf(entries=entries) if all(isinstance(key, tree.Constant) for key, _ in entries):
            return {
                str(key.value): to_template(value) for key, value in entries if isinstance(key, tree.Constant)
            }
        case tree.ListOf(elements=elements) if not any(isinstance(item, tree.Spread) for item in elements):
            found = [to_template(element) for element in elements]
            return _delimited(to_jsonata(node)) if any(isinstance(item, list) for item in found) else found
        case _:
            return _delimited(to_jsonata(node))


def to_output(node: Expression) -> Json:
    """Give the JSON for an Output: an object, or one expression, because validators take no other constants there."""
    found = to_template(node)
    if isinstance(found, dict) or (isinstance(found, str) and found.startswith("{%")):
        return found
    return _delimited(to_jsonata(node))


def _delimited(text: str) -> str:
    return f"{{% {text} %}}"


def _constant_template(value: Json) -> Json:
    match value:
        case str() if (
            value.startswith("{%") or value.endswith("%}") or not value or "\n" in value or "\r" in value
        ):
            return _delimited(literal(value))
        case list() if any(isinstance(item, list) for item in value):
            return _delimited(literal(value))
        case list():
            return [_constant_template(item) for item in value]
        case dict():
            return {key: _constant_template(item) for key, item in value.items()}
        case _:
            return value


def render(node: Expression) -> Rendered:
    """Give an expression as JSONata together with what is known about the text."""
    return _RENDERERS[type(node)](node)


def operand(node: Expression) -> Rendered:
    """Give an expression that has a value or fails, for a place where an undefined value would disappear."""
    found = render(node)
    if found.missing is None:
        return found
    return Rendered(f"($__v := {found.text}; $exists($__v) ? $__v : $error('{found.missing}'))")


def element(node: Expression, kind: Type) -> str:
    """Give the text of a list element that becomes exactly one element."""
    return wrapped(operand(node), kind)


def bound(found: Rendered, name: str, body: Callable[[str], str]) -> Rendered:
    """Give a text that uses a value several times; the value is bound to a name unless it is a path."""
    if found.path:
        return Rendered(body(found.text), level=0)
    return Rendered(f"({name} := {found.text}; {body(name)})")


def truth(found: Rendered, kind: Type) -> Rendered:
    """Give the text that says whether a value counts as true in Python."""
    if kind == BOOL:
        return found
    if isinstance(kind, OptionalType):
        return _optional_truth(found, kind.inner)
    if kind == NONE:
        return Rendered("false")
    if is_number(kind):
        return Rendered(f"{found.at(COMPARISON + 1)} != 0", COMPARISON)
    if is_text(kind):
        return Rendered(f"{found.at(COMPARISON + 1)} != ''", COMPARISON)
    if isinstance(kind, DictType):
        return Rendered(f"{found.at(COMPARISON + 1)} != {{}}", COMPARISON)
    if isinstance(kind, ListType | TupleType):
        return Rendered(f"$count({found.text}) > 0", COMPARISON)
    return Rendered("true")


def _optional_truth(found: Rendered, inner: Type) -> Rendered:
    if isinstance(inner, ModelType | EnumType | Opaque | UnionType) and not (
        is_number(inner) or is_text(inner)
    ):
        return Rendered(f"{found.at(COMPARISON + 1)} != null", COMPARISON)
    if inner == DATETIME:
        return Rendered(f"{found.at(COMPARISON + 1)} != null", COMPARISON)

    def both(name: str) -> str:
        return f"{name} != null and {truth(Rendered(name, path=True), inner).at(AND)}"

    text = bound(found, "$__t", both)
    return Rendered(text.text, AND if found.path else ATOM)


def _constant(node: tree.Constant) -> Rendered:
    text = literal(node.value)
    return Rendered(text, SIGN if text.startswith("-") else ATOM, constructor=isinstance(node.value, list))


def _variable(node: tree.Variable) -> Rendered:
    return Rendered(f"${node.name}", path=True)


def _state(node: tree.State) -> Rendered:
    return Rendered(f"$states.{node.part}", PATH, path=True)


def _field(node: tree.Field) -> Rendered:
    value = render(node.value)
    if "`" in node.name:
        return Rendered(f"$lookup({value.text}, {literal(node.name)})", missing=value.missing)
    text = f"{value.at(PATH)}.{field_name(node.name)}"
    return Rendered(text, PATH, missing=value.missing, path=value.path)


def _item(node: tree.Item) -> Rendered:
    index, value = operand(node.index), render(node.value)
    if not isinstance(node.value.type, ListType | TupleType):
        missing = value.missing or (None if node.certain else "KeyError")
        return Rendered(f"$lookup({value.text}, {index.text})", missing=missing)
    total = node.certain or isinstance(node.value.type, TupleType)
    missing = value.missing or (None if total else "IndexError")
    bindings = [] if value.path else [f"$__l := {value.text}"]
    name = value.text if value.path else "$__l"
    if not _is_simple(node.index):
        # an object constructor in a predicate would change the list that it is evaluated for
        bindings.append(f"$__i := {index.text}")
        index = Rendered("$__i")
    text = f"{name}[{index.text}]"
    return Rendered(f"({'; '.join([*bindings, text])})" if bindings else text, PATH, missing=missing)


def _is_simple(node: Expression) -> bool:
    match node:
        case tree.Constant(value=int()) | tree.Variable():
            return True
        case tree.Field(value=inner) | tree.Unary(operand=inner):
            return _is_simple(inner)
        case tree.Binary(operator="+" | "-" | "*", left=left, right=right):
            return _is_simple(left) and _is_simple(right)
        case _:
            return False


def _slice(node: tree.Slice) -> Rendered:
    value = operand(node.value)
    if is_text(node.value.type):
        return text_slice(value, node.start, node.stop)
    if node.start in (None, 0) and node.stop is None:
        return value
    item = node.type.item if isinstance(node.type, ListType) else ANY

    def part(name: str) -> str:
        tests = [f"$__i >= {_bound_of(name, node.start)}"] if node.start else []
        tests += [] if node.stop is None else [f"$__i < {_bound_of(name, node.stop)}"]
        test = " and ".join(tests)
        if is_plain(item):
            return f"[$filter({name}, function($__x, $__i){{{test}}})]"
        kept = f"$append($__a, [{wrapped(Rendered('$__x'), item)}])"
        return f"$reduce({name}, function($__a, $__x, $__i){{{test} ? {kept} : $__a}}, [])"

    text = bound(value, "$__s", part).text
    return Rendered(text, constructor=is_plain(item) and value.path)


def _bound_of(name: str, index: int) -> str:
    return str(index) if index >= 0 else f"$count({name}) - {-index}"


def _unary(node: tree.Unary) -> Rendered:
    value = operand(node.operand)
    if node.operator == "not":
        return Rendered(f"$not({value.text})")
    return Rendered(f"-{value.at(PATH)}", SIGN)


def _binary(node: tree.Binary) -> Rendered:
    if node.operator == "|":
        return Rendered(f"$merge([{operand(node.left).text}, {operand(node.right).text}])")
    if isinstance(node.type, ListType):
        return Rendered(f"$append({operand(node.left).text}, {operand(node.right).text})")
    if node.operator in ("/", "//", "%"):
        return _division(node)
    left, right = operand(node.left), operand(node.right)
    sign = "&" if is_text(node.type) else node.operator
    level = PRODUCT if sign == "*" else SUM
    return Rendered(f"{left.at(level)} {sign} {right.at(level + 1)}", level)


def _division(node: tree.Binary) -> Rendered:
    left, right = operand(node.left), operand(node.right)
    if isinstance(node.right, tree.Constant) and node.right.value:
        return _quotient(node.operator, left, right)
    inner = _quotient(node.operator, left, Rendered("$__d", path=True))
    return Rendered(f"($__d := {right.text}; $__d = 0 ? $error('ZeroDivisionError') : {inner.text})")


def _quotient(operator: str, left: Rendered, right: Rendered) -> Rendered:
    if operator == "/":
        return Rendered(f"{left.at(PRODUCT)} / {right.at(PRODUCT + 1)}", PRODUCT)
    divisor = right.at(PRODUCT + 1)
    if operator == "//":
        return Rendered(f"$floor({left.at(PRODUCT)} / {divisor})")
    found = bound(left, "$__n", lambda name: f"{name} - {divisor} * $floor({name} / {divisor})")
    return Rendered(found.text, SUM if left.path else ATOM)


def _compare(node: tree.Compare) -> Rendered:
    if node.operator in ("in", "not in"):
        found = _membership(node)
        return Rendered(f"$not({found.text})") if node.operator == "not in" else found
    left, right = operand(node.left), operand(node.right)
    if DATETIME in (without_none(node.left.type), without_none(node.right.type)) and NONE not in (
        node.left.type,
        node.right.type,
    ):
        left, right = _milliseconds(node.left), _milliseconds(node.right)
    sign = _COMPARISONS[node.operator]
    return Rendered(f"{left.at(COMPARISON + 1)} {sign} {right.at(COMPARISON + 1)}", COMPARISON)


def _milliseconds(node: Expression) -> Rendered:
    """Give a point in time as a number; what may be null stays null."""
    match node:
        case tree.Call(function="datetime.shift", arguments=(start, amount)):
            return Rendered(f"{_milliseconds(start).at(SUM)} + {operand(amount).at(SUM + 1)}", SUM)
        case _:
            moment = operand(node)
    if not isinstance(node.type, OptionalType):
        return Rendered(f"$toMillis({moment.text})")
    found = bound(moment, "$__m", lambda name: f"{name} = null ? null : $toMillis({name})")
    return Rendered(found.text, CONDITION if moment.path else ATOM)


def _membership(node: tree.Compare) -> Rendered:
    left, right = operand(node.left), operand(node.right)
    if is_text(node.right.type):
        return Rendered(f"$contains({right.text}, {left.text})")
    if isinstance(node.right.type, DictType | ModelType):
        return Rendered(f"$exists($lookup({right.text}, {left.text}))")
    return Rendered(f"{left.at(COMPARISON + 1)} in {right.at(COMPARISON + 1)}", COMPARISON)


def _truth(node: tree.Truth) -> Rendered:
    return truth(operand(node.value), node.value.type)


def _bool(node: tree.Bool) -> Rendered:
    level = OR if node.operator == "or" else AND
    return Rendered(f" {node.operator} ".join(operand(value).at(level) for value in node.values), level)


def _conditional(node: tree.Conditional) -> Rendered:
    test, then, otherwise = operand(node.test), render(node.then), render(node.otherwise)
    text = f"{test.at(CONDITION + 1)} ? {then.at(CONDITION + 1)} : {otherwise.at(CONDITION)}"
    return Rendered(text, CONDITION, missing=then.missing or otherwise.missing)


def _text(node: tree.Text) -> Rendered:
    parts = [part for part in node.parts if not (isinstance(part, tree.Constant) and part.value == "")]
    if not parts:
        return Rendered("''")
    if len(parts) == 1:
        only = operand(parts[0])
        return only if is_text(parts[0].type) else Rendered(f"$string({only.text})")
    return Rendered(" & ".join(operand(part).at(SUM + 1) for part in parts), SUM)


def _list(node: tree.ListOf) -> Rendered:
    if len(node.elements) == 1 and isinstance(only := node.elements[0], tree.Spread):
        return operand(only.value)
    groups: list[str] = []
    pending: list[str] = []
    for item in node.elements:
        if isinstance(item, tree.Spread):
            groups += [f"[{', '.join(pending)}]"] if pending else []
            pending = []
            groups.append(operand(item.value).text)
        else:
            pending.append(element(item, item.type))
    if pending or not groups:
        groups.append(f"[{', '.join(pending)}]")
    text = groups[0]
    for group in groups[1:]:
        text = f"$append({text}, {group})"
    return Rendered(text, constructor=len(groups) == 1)


def _object(node: tree.ObjectOf) -> Rendered:
    if all(isinstance(key, tree.Constant) for key, _ in node.entries):
        last = {str(key.value): value for key, value in node.entries if isinstance(key, tree.Constant)}
        pairs = [f"{literal(key)}: {operand(value).text}" for key, value in last.items()]
        return Rendered(f"{{{', '.join(pairs)}}}")
    parts = [
        operand(value.value if isinstance(value, tree.Spread) else value).text
        if key is None
        else f"{{{operand(key).text}: {operand(value).text}}}"
        for key, value in node.entries
    ]
    return Rendered(f"$merge([{', '.join(parts)}])")


def _comprehension(node: tree.Comprehension) -> Rendered:
    kind = node.items.type.item if isinstance(node.items.type, ListType) else ANY
    name = f"${node.name}"
    items = operand(node.items).text
    condition = None if node.condition is None else operand(node.condition)
    same = isinstance(node.element, tree.Variable) and node.element.name == node.name
    if not (is_plain(kind) and is_plain(node.element.type)):
        new = element(node.element, node.element.type)
        several = isinstance(node.element, tree.Spread)
        kept = f"$append($__a, {operand(node.element).text if several else f'[{new}]'})"
        body = kept if condition is None else f"{condition.at(CONDITION + 1)} ? {kept} : $__a"
        return Rendered(f"$reduce({items}, function($__a, {name}){{{body}}}, [])")
    if same and condition is None:
        return operand(node.items)
    if condition is not None:
        items = f"$filter({items}, function({name}){{{condition.text}}})"
    if not same:
        items = f"$map({items}, function({name}){{{operand(node.element).text}}})"
    return Rendered(f"[{items}]", constructor=True)


def _dict_comprehension(node: tree.DictComprehension) -> Rendered:
    entry = f"$merge([$__a, {{{operand(node.key).text}: {operand(node.value).text}}}])"
    body = (
        entry if node.condition is None else f"{operand(node.condition).at(CONDITION + 1)} ? {entry} : $__a"
    )
    return Rendered(f"$reduce({operand(node.items).text}, function($__a, ${node.name}){{{body}}}, {{}})")


def _call(node: tree.Call) -> Rendered:
    return call(node, operand)


def _raw(node: tree.Raw) -> Rendered:
    return Rendered(node.text, 0)


def _spread(node: tree.Spread) -> Rendered:
    return operand(node.value)


_RENDERERS: Final[dict[type, Callable[..., Rendered]]] = {
    tree.Constant: _constant,
    tree.Variable: _variable,
    tree.State: _state,
    tree.Field: _field,
    tree.Item: _item,
    tree.Slice: _slice,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Compare: _compare,
    tree.Truth: _truth,
    tree.Bool: _bool,
    tree.Conditional: _conditional,
    tree.Text: _text,
    tree.Call: _call,
    tree.Spread: _spread,
    tree.ListOf: _list,
    tree.ObjectOf: _object,
    tree.Comprehension: _comprehension,
    tree.DictComprehension: _dict_comprehension,
    tree.Raw: _raw,
}
