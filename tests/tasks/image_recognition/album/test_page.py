"""The photograph page in a browser: Chromium without a window, driven by Playwright, against a server of our own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith.service.pages import Page
from tests.stepsmith.server.servers import serving
from tests.tasks.image_recognition.album.visitor import FUNCTIONS, WORKFLOWS
from tests.tasks.image_recognition.studio import facts
from tests.tasks.pictures.made_pictures import jpeg, tiff, with_exif

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: no test in a browser"
)
ROOT = Path(__file__).parents[4]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = "<img src=x onerror=document.title=1>"
HAY = ROOT / "examples" / "photographs" / "hay_bales.jpg"
RIO = ROOT / "examples" / "photographs" / "rio.jpg"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: no test in a browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as server:
        pages = [Page.of(ROOT / "tasks" / "image_recognition")]
        server.cloud.deploy(WORKFLOWS, functions=FUNCTIONS, pages=pages)
        yield f"http://127.0.0.1:{server.port}/image_recognition/"


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page of a new visitor; what the browser complains about fails the test."""
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((address[:22], "blob:")) else complaints.append(asked.url),
    )
    page.goto(address)
    yield page
    context.close()
    assert complaints == []


def put(page: Any, *files: Any) -> None:
    page.set_input_files("#files", list(files))
    playwright.expect(page.locator("#status")).to_contain_text("taken", timeout=120_000)
    playwright.expect(page.locator(".busy")).to_have_count(0, timeout=120_000)


def named(page: Any, name: str) -> Any:
    return page.locator("#gallery .card", has_text=name)


def test_ir_10_photographs_appear_by_themselves_and_are_there_after_a_refresh(page: Any) -> None:
    put(page, HAY, RIO)
    note = named(page, "hay_bales.jpg").locator(".note")

    playwright.expect(note).to_have_text("Hay")
    page.reload()
    playwright.expect(named(page, "hay_bales.jpg").locator(".note")).to_have_text("Hay")
    named(page, "rio.jpg").click()

    playwright.expect(page.locator("#facts")).to_contain_text("TestCam One")
    playwright.expect(page.locator("#position")).to_have_text(
        "22.95192° south, 43.21049° west, 710 m above the sea"
    )
    moved = page.locator("#spot").get_attribute("transform")
    assert moved == "translate(-432.10487 229.51916)"
    page.reload()
    playwright.expect(page.locator("#name")).to_have_text("rio.jpg")
    assert page.locator("#picture").evaluate(
        "each => each.complete || new Promise(done => each.onload = done)"
    )
    assert page.locator("#picture").evaluate("each => each.naturalWidth") == 640


def test_every_photograph_ends_with_a_picture_or_a_reason(page: Any) -> None:
    known = {each["path"].name: each["expect"]["outcome"] for each in facts()}
    put(page, *[each["path"] for each in facts()])

    for name, outcome in known.items():
        if name == "empty.jpg":
            playwright.expect(page.locator("#unsent")).to_contain_text("empty.jpg: the file is empty")
            continue
        is_refused = named(page, name).get_attribute("data-status") == "REFUSED"
        assert is_refused == (outcome != "processed"), name
        if is_refused:
            playwright.expect(named(page, name).locator(".note")).to_contain_text("refused: ")


def test_hostile_names_and_metadata_stay_text(page: Any) -> None:
    taken = tiff({0x010F: HOSTILE, 0x0110: "</dd><script>document.title=2</script>"})
    bodies = [with_exif(jpeg(), taken), b"<svg onload=alert(1)>"]
    names = [f"{HOSTILE}.jpg", "'\"--><script>alert(1)</script>.png"]
    put(
        page,
        *[{"name": n, "mimeType": "image/jpeg", "buffer": b} for n, b in zip(names, bodies, strict=True)],
    )

    named(page, HOSTILE).click()

    playwright.expect(page.locator("#name")).to_have_text(f"{HOSTILE}.jpg")
    playwright.expect(page.locator("#facts")).to_contain_text(
        f"{HOSTILE} </dd><script>document.title=2</script>"
    )
    assert page.title() == "Photographs"
    assert page.locator("#gallery script, #gallery [onerror], dialog script, dialog [onerror]").count() == 0
    page.keyboard.press("Escape")
    # the slash ends a folder
    playwright.expect(named(page, "script>.png").locator(".note")).to_contain_text("SVG is not processed")


def test_an_album_is_searched_and_what_is_found_stays_in_the_address(page: Any) -> None:
    put(page, HAY, RIO)

    page.fill("[name=label]", "hay")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("#found")).to_have_text("1 photograph found.")
    assert page.url.endswith("?label=hay")
    page.reload()
    playwright.expect(page.locator("#gallery .title")).to_have_text(["hay_bales.jpg"])
    page.click("text=All")
    playwright.expect(page.locator("#gallery .card")).to_have_count(2)
    page.fill("[name=since]", "2021-02-03")
    page.fill("[name=until]", "2021-02-03")
    page.click("text=Search")
    playwright.expect(page.locator("#gallery .title")).to_have_text(["rio.jpg"])


def test_everything_is_done_with_keys_alone(page: Any) -> None:
    files = {"hay_bales.jpg": HAY, "again.jpg": HAY, "rio.jpg": RIO}
    put(
        page,
        *[{"name": name, "mimeType": "image/jpeg", "buffer": f.read_bytes()} for name, f in files.items()],
    )

    named(page, "hay_bales.jpg").focus()
    page.keyboard.press("Enter")
    playwright.expect(page.locator("#detail")).to_be_visible()
    playwright.expect(page.locator("#similar .note")).to_have_text("100 % alike")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    playwright.expect(page.locator("#name")).to_have_text("hay_bales.jpg")
    page.locator("#similar .card").press("Enter")
    playwright.expect(page.locator("#name")).to_have_text("again.jpg")
    page.locator("#delete").press("Enter")
    playwright.expect(page.locator("#keep")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("#found")).to_have_text("again.jpg is deleted.")
    page.reload()

    playwright.expect(page.locator("#gallery .card")).to_have_count(2)
    named(page, "hay_bales.jpg").press("Enter")
    playwright.expect(page.locator("#labelled")).to_contain_text("97 %")
    playwright.expect(page.locator("#similar")).to_be_hidden()
    page.keyboard.press("Escape")
    playwright.expect(named(page, "hay_bales.jpg")).to_be_focused()


def test_it_is_light_and_dark_and_fits_a_small_screen(page: Any) -> None:
    def ground() -> str:
        return page.locator("body").evaluate("each => getComputedStyle(each).backgroundColor")

    light = ground()
    page.emulate_media(color_scheme="dark")
    dark = ground()
    page.set_viewport_size({"width": 320, "height": 640})
    put(page, HAY)
    named(page, "hay_bales.jpg").click()

    assert (light, dark) == ("rgb(251, 250, 248)", "rgb(22, 24, 26)")
    assert page.locator("html").evaluate("each => each.scrollWidth") == 320


def test_a_page_of_another_visitor_shows_nothing(page: Any, browser: Any, address: str) -> None:
    put(page, HAY)
    named(page, "hay_bales.jpg").click()
    playwright.expect(page.locator("#name")).to_have_text("hay_bales.jpg")

    other = browser.new_page()
    other.goto(page.url)

    playwright.expect(other.locator("#found")).to_have_text("There is nothing here yet.")
    playwright.expect(other.locator("#detail")).to_be_hidden()
    other.context.close()
