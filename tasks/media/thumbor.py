"""Transforms as thumbor's addresses say them: `/fit-in/300x200/filters:quality(70):grayscale()/owl.jpg`.

Source: thumbor's documentation, "Image Endpoint" and "Filters". What differs is told in `docs/guide/media.md`.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from tasks.errors import InvalidInput
from tasks.media.colors import color
from tasks.media.query import real, whole

_SIZES: Final = re.compile(r"(-?)(\d*)x(-?)(\d*)", re.ASCII)
_CUT: Final = re.compile(r"(\d{1,9})x(\d{1,9}):(\d{1,9})x(\d{1,9})", re.ASCII)
_FILTERS: Final = "filters:"
_FILTER: Final = re.compile(r"([a-z_]+)\(([^()]*)\)", re.ASCII)
_PLACES: Final = {"left": ("x", 0.0), "right": ("x", 1.0), "top": ("y", 0.0), "bottom": ("y", 1.0)}
_FITS: Final = {"fit-in": "inside", "full-fit-in": "outside"}

_Fields: TypeAlias = dict[str, object]
_Filter: TypeAlias = Callable[[_Fields, list[str]], None]


def from_path(path: str) -> tuple[_Fields, str]:
    """Return the fields of a transform that the beginning of a path says, and the key that is left.

    Raises InvalidInput naming what cannot be read.
    """
    fields: _Fields = {}
    place: dict[str, float] = {}
    parts = path.split("/")
    while len(parts) > 1 and _take(parts[0], fields, place):
        parts.pop(0)
    if place:
        fields["focal"] = {"x": place.get("x", 0.5), "y": place.get("y", 0.5)}
    if ("width" in fields or "height" in fields) and "fit" not in fields:
        fields["fit"] = "cover"
    if "background" in fields and fields.pop("fills", False) and fields.get("fit") == "inside":
        fields["fit"] = "contain"
    _scale(fields)
    return fields, "/".join(parts)


def _take(part: str, fields: _Fields, place: dict[str, float]) -> bool:
    """Take one part of a path, if it says something about the transform."""
    if part in ("unsafe", "center", "middle"):
        return True
    if part == "smart":
        fields["focal"] = "auto"
    elif part in _FITS:
        fields["fit"] = _FITS[part]
    elif part in _PLACES:
        axis, share = _PLACES[part]
        place[axis] = share
    elif part.startswith(_FILTERS):
        _filters(part.removeprefix(_FILTERS), fields)
    elif found := _CUT.fullmatch(part):
        left, top, right, bottom = (int(each) for each in found.groups())
        if right <= left or bottom <= top:
            raise InvalidInput(f"{part!r} cuts nothing out: write LEFTxTOP:RIGHTxBOTTOM")
        fields["crop"] = {"left": left, "top": top, "width": right - left, "height": bottom - top}
    elif found := _SIZES.fullmatch(part):
        _sizes(part, found, fields)
    else:
        return False
    return True


def _sizes(part: str, found: re.Match[str], fields: _Fields) -> None:
    mirrored, width, turned_over, height = found.groups()
    sides = {"width": whole("width", width or "0"), "height": whole("height", height or "0")}
    if not any(sides.values()) and not (mirrored or turned_over):
        raise InvalidInput(f"{part!r} says no size: write WIDTHxHEIGHT, WIDTHx or xHEIGHT")
    fields |= {name: side for name, side in sides.items() if side}
    if mirrored:
        fields["flop"] = True
    if turned_over:
        fields["flip"] = True


def _filters(text: str, fields: _Fields) -> None:
    position = 0
    while position < len(text):
        found = _FILTER.match(text, position)
        if found is None or text[found.end() : found.end() + 1] not in ("", ":"):
            raise InvalidInput(f"filters: {text[position:]!r} is none: write NAME(VALUE):NAME(VALUE)")
        name, values = found.group(1), found.group(2)
        apply = _BY_NAME.get(name)
        if apply is None:
            raise InvalidInput(f"there is no filter {name!r}: there are {', '.join(sorted(_BY_NAME))}")
        apply(fields, [value.strip() for value in values.split(",")] if values.strip() else [])
        position = found.end() + 1


def _only(name: str, values: list[str]) -> str:
    if len(values) != 1:
        raise InvalidInput(f"the filter {name} takes one value, and has {len(values)}")
    return values[0]


def _quality(fields: _Fields, values: list[str]) -> None:
    fields["quality"] = whole("quality", _only("quality", values))


def _format(fields: _Fields, values: list[str]) -> None:
    name = _only("format", values).lower()
    fields["format"] = "jpeg" if name == "jpg" else name


def _blur(fields: _Fields, values: list[str]) -> None:
    if not 1 <= len(values) <= 2:
        raise InvalidInput(f"the filter blur takes one or two values, and has {len(values)}")
    fields["blur"] = real("blur", values[-1])


def _rotate(fields: _Fields, values: list[str]) -> None:
    """Thumbor turns against the clock."""
    fields["rotate"] = -whole("rotate", _only("rotate", values)) % 360


def _fill(fields: _Fields, values: list[str]) -> None:
    fields["background"] = color(values[0] if values else "")
    fields["fills"] = True


def _background(fields: _Fields, values: list[str]) -> None:
    fields["background"] = color(_only("background_color", values))


def _proportion(fields: _Fields, values: list[str]) -> None:
    share = real("proportion", _only("proportion", values))
    if not 0 < share <= 1:
        raise InvalidInput(f"proportion is {share}, and must be over 0 and at most 1")
    fields["proportion"] = share


def _set(name: str, value: object) -> _Filter:
    def apply(fields: _Fields, values: list[str]) -> None:
        fields[name] = value

    return apply


def _nothing(fields: _Fields, values: list[str]) -> None:
    """Metadata is always left out."""


_BY_NAME: Final[dict[str, _Filter]] = {
    "background_color": _background,
    "blur": _blur,
    "fill": _fill,
    "format": _format,
    "grayscale": _set("grayscale", True),
    "no_upscale": _set("enlarge", False),
    "proportion": _proportion,
    "quality": _quality,
    "rotate": _rotate,
    "sharpen": _set("sharpen", True),
    "smart_crop": _set("focal", "auto"),
    "strip_exif": _nothing,
    "strip_icc": _nothing,
    "upscale": _set("enlarge", True),
}


def _scale(fields: _Fields) -> None:
    """Make sides as much smaller as the filter `proportion` says."""
    share = fields.pop("proportion", None)
    fields.pop("fills", None)
    if not isinstance(share, float):
        return
    sides = [name for name in ("width", "height") if name in fields]
    if not sides:
        raise InvalidInput("proportion is of a size, and there is none: write WIDTHxHEIGHT before it")
    for name in sides:
        side = fields[name]
        if isinstance(side, int):
            fields[name] = max(1, int(side * share + 0.5))
