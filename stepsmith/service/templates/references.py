"""What templates write for the names of other resources: as texts with placeholders, as far as they can be."""

from __future__ import annotations

from stepsmith.service.definitions.nodes import List, Node, Object, Scalar


def text_of(node: Node) -> str | None:
    """Return the text that a function of CloudFormation gives; None for a node that is none.

    `!Ref Table` is `${Table}`, `!GetAtt Check.Arn` is `${Check.Arn}`; what cannot be known here, such as an imported
    value, is a placeholder with the function's name and line.
    """
    function = _function(node)
    if function is None:
        return None
    name, given = function
    match name:
        case "Ref":
            found = _plain(given)
            return None if found is None else f"${{{found}}}"
        case "GetAtt":
            parts = [_plain(each) for each in given.items] if isinstance(given, List) else [_plain(given)]
            return f"${{{'.'.join(each for each in parts if each)}}}"
        case "Sub":
            return _substituted(given)
        case "Join":
            return _joined(given)
        case _:
            return f"${{{name}.{node.line}}}"


def _function(node: Node) -> tuple[str, Node] | None:
    """Return name and argument of a function in its short or long form."""
    if node.tag is not None:
        bare = (
            Scalar(node.text, node.text, node.line, node.column, block=node.block)
            if isinstance(node, Scalar)
            else List(node.line, node.column, items=node.items)
            if isinstance(node, List)
            else Object(node.line, node.column, items=node.items, keys=node.keys)
        )
        return node.tag.removeprefix("!"), bare
    if isinstance(node, Object) and len(node.items) == 1:
        [(name, given)] = node.items.items()
        if name.startswith("Fn::"):
            return name.removeprefix("Fn::"), given
        if name == "Ref" and isinstance(given, Scalar):
            return name, given
    return None


def _substituted(given: Node) -> str | None:
    if not isinstance(given, List):
        return _plain(given)
    text = _plain(given.items[0]) if given.items else None
    values = given.items[1] if len(given.items) > 1 else None
    if text is None or not isinstance(values, Object):
        return text
    for name, value in values.items.items():
        found = value_of(value)
        if found is not None:
            text = text.replace(f"${{{name}}}", str(found))
    return text


def _joined(given: Node) -> str | None:
    if not isinstance(given, List) or len(given.items) != 2 or not isinstance(given.items[1], List):
        return None
    between = _plain(given.items[0]) or ""
    return between.join(str(value_of(each) or "") for each in given.items[1].items)


def value_of(node: Node) -> str | int | float | bool | None:
    """Return the text, number or boolean that a node stands for; None where it is none of these."""
    found = text_of(node)
    if found is not None:
        return found
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, str | int | float | bool) else None


def _plain(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) and node.tag is None else text_of(node)
