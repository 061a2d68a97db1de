from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from stepsmith.integrations.clients.classifier import installed_classifier, likeness
from stepsmith.integrations.clients.classifier.recognition import Classifier, Recognition, classes, ranked

np = pytest.importorskip("numpy", reason="the extra `labels` is not installed")

HAY = Path("examples/photographs/hay_bales.jpg")


@pytest.fixture
def classifier() -> Classifier:
    found = installed_classifier()
    if found is None:
        pytest.skip("the extra `labels` is not installed")
    return found


def sure(recognition: Recognition | None, least: float = 50) -> list[str]:
    assert recognition is not None
    return [found.name for found in recognition.found if found.confidence >= least]


def hay() -> Image.Image:
    return Image.open(HAY)


def number(name: str) -> int:
    return [each for each, _ in classes()].index(name)


def test_hay_is_hay(classifier: Classifier) -> None:
    recognition = classifier.recognise(hay())

    assert recognition is not None
    assert recognition.found[0].name == "Hay"
    assert recognition.found[0].confidence == pytest.approx(96.8, abs=0.5)
    assert recognition.features.shape == (1280,)


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P", "LA"])
def test_hay_is_hay_in_every_mode(classifier: Classifier, mode: str) -> None:
    least = 30 if mode in ("L", "LA") else 85

    assert sure(classifier.recognise(hay().convert(mode)), least)[:1] == ["Hay"]


def test_hay_is_hay_in_16_bits(classifier: Classifier) -> None:
    deep = Image.fromarray(np.asarray(hay().convert("L")).astype(np.uint16) * 256)

    assert sure(classifier.recognise(deep), 30)[:1] == ["Hay"]


TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", TURNED)
def test_a_turned_photograph_is_looked_at_upright(classifier: Classifier, orientation: int) -> None:
    upright = hay()
    stored = upright.transpose(TURNED[orientation])
    stored.getexif()[0x0112] = orientation

    straight, turned = classifier.recognise(upright), classifier.recognise(stored)

    assert straight is not None
    assert turned is not None
    assert likeness(straight, turned) > 0.999


@pytest.mark.parametrize("colour", ["black", "white", "red", "blue"])
def test_nothing_is_said_of_a_plain_colour(classifier: Classifier, colour: str) -> None:
    assert sure(classifier.recognise(Image.new("RGB", (120, 90), colour))) == []


@pytest.mark.parametrize(("size", "looked_at"), [((79, 400), False), ((80, 400), True)])
def test_nothing_is_said_of_small_pictures(
    classifier: Classifier, size: tuple[int, int], looked_at: bool
) -> None:
    assert (classifier.recognise(Image.new("RGB", size)) is not None) is looked_at


def test_what_is_transparent_does_not_show(classifier: Classifier) -> None:
    hidden = hay().convert("RGBA")
    hidden.putalpha(0)
    white = Image.new("RGB", hidden.size, "white")

    one, other = classifier.recognise(hidden), classifier.recognise(white)

    assert one is not None
    assert other is not None
    assert likeness(one, other) > 0.999


def test_a_picture_is_looked_at_once(classifier: Classifier) -> None:
    assert classifier.recognise(hay()) is classifier.recognise(hay())


def test_a_kind_is_as_sure_as_its_classes_together() -> None:
    shares = [0.0] * 1000
    shares[number("Tabby Cat")] = 0.4
    shares[number("Egyptian Cat")] = 0.35
    shares[number("Lynx")] = 0.25

    found = {each.name: (each.confidence, each.parents) for each in ranked(shares) if each.confidence}

    assert found == {
        "Mammal": (100.0, ("Animal",)),
        "Animal": (100.0, ()),
        "Cat": (75.0, ("Mammal", "Animal")),
        "Tabby Cat": (40.0, ("Cat", "Mammal", "Animal")),
        "Egyptian Cat": (35.0, ("Cat", "Mammal", "Animal")),
        "Wild Cat": (25.0, ("Mammal", "Animal")),
        "Lynx": (25.0, ("Wild Cat", "Mammal", "Animal")),
    }


def test_what_the_network_says_of_nothing_is_not_said() -> None:
    shares = [0.0] * 1000
    shares[111] = shares[971] = 0.5

    assert [each for each in ranked(shares) if each.confidence] == []


def test_there_are_a_thousand_classes_whose_kinds_have_one_place_each() -> None:
    assert len(classes()) == 1000
    above = {(kind, kinds[place + 1 :]) for _, kinds in classes() for place, kind in enumerate(kinds)}
    assert len(above) == len({kind for kind, _ in above})
    assert not {kind for kind, _ in above} & {name for name, _ in classes()}


def test_unlike_pictures_are_less_alike(classifier: Classifier) -> None:
    plain = classifier.recognise(Image.new("RGB", (100, 100), "green"))
    straight, mirrored = classifier.recognise(hay()), classifier.recognise(hay().transpose(TURNED[2]))

    assert plain is not None
    assert straight is not None
    assert mirrored is not None
    assert likeness(straight, mirrored) > 0.9
    assert likeness(straight, plain) < 0.3


def test_without_the_package_there_is_no_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    from stepsmith.integrations.clients.classifier import recognition

    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setattr(recognition, "find_weights", lambda: None)

    assert recognition._classifier.__wrapped__() is None
