"""Take pictures of the notebooks as JupyterLab shows them, light and dark, in a headless Chromium.

    python tools/screenshots.py OUT [NOTEBOOK...] [--chromium PATH]

Needs jupyterlab, playwright and a Chromium of the system; the notebook on the SDK needs the SDK, and is left out where
that is not installed. Each notebook is run from top to bottom; each cell that puts
something out becomes OUT/<notebook>-<theme>-<number>.png. Nothing is written into the notebooks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTH = 1280
HIGH = 1500
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


def main() -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    arguments = parser.parse_args()
    if arguments.chromium is None:
        sys.stderr.write("no chromium found; give its path with --chromium\n")
        return 2
    arguments.out.mkdir(parents=True, exist_ok=True)
    notebooks = arguments.notebooks or [
        path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if runs(path)
    ]
    for theme in THEMES:
        with tempfile.TemporaryDirectory() as folder, lab(Path(folder), theme) as address:
            for notebook in notebooks:
                copy = Path(folder) / "work" / "notebooks" / notebook.name
                copy.write_bytes(notebook.read_bytes())
                for picture in photograph(address, copy.name, theme, arguments.chromium, arguments.out):
                    sys.stdout.write(f"{picture}\n")
    return 0


def runs(notebook: Path) -> bool:
    """Say whether a notebook finds what it imports."""
    return "import stepfunctions" not in notebook.read_text() or find_spec("stepfunctions") is not None


@contextmanager
def lab(folder: Path, theme: str) -> Iterator[str]:
    """Run JupyterLab on a copy of the notebooks' surroundings and give its address."""
    work = folder / "work"
    (work / "notebooks").mkdir(parents=True)
    for name in ("tasks", "workflows", "definitions", "examples"):
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, work / name)
    settings = {**SETTINGS, "@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}}
    for name, values in settings.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    port = 8890 + list(THEMES).index(theme)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root"]
    command += [f"--ServerApp.root_dir={work}", f"--ServerApp.port={port}", "--IdentityProvider.token="]
    environment = {**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "HOME": str(folder)}
    environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"), "PYTHONPATH": str(ROOT)}
    log = (folder / "lab.log").open("w")
    server = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own arguments
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address + "/api/status")
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def wait_for(address: str) -> None:
    """Return when a server answers; raises TimeoutError after a minute."""
    for _ in range(240):
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.25)
    raise TimeoutError(f"nothing answers at {address}")


def photograph(address: str, notebook: str, theme: str, chromium: str, out: Path) -> Iterator[Path]:
    """Run a notebook in the browser and give a picture of its beginning and of each cell that puts something out."""
    name = notebook.removesuffix(".ipynb")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--force-device-scale-factor=1"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
        page.goto(f"{address}/lab/tree/notebooks/{notebook}?reset", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        run_all(page)
        cells = page.locator(".jp-CodeCell:has(.jp-OutputArea-child)").all()
        for number, cell in enumerate(cells, 1):
            box = cell.bounding_box()
            page.set_viewport_size({"width": WIDTH, "height": int(box["height"]) + 400 if box else HIGH})
            cell.scroll_into_view_if_needed()
            path = out / f"{name}-{theme}-{number:02}.png"
            cell.screenshot(path=path)
            yield path
        page.set_viewport_size({"width": WIDTH, "height": HIGH})
        page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
        path = out / f"{name}-{theme}-page.png"
        page.screenshot(path=path)
        yield path
        browser.close()


def run_all(page: Page) -> None:
    """Run every cell and wait until the last one has ended."""
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        "() => { const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];"
        " return prompts.some(each => /\\d/.test(each.textContent))"
        " && !prompts.some(each => each.textContent.includes('*')); }",
        timeout=180_000,
    )
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    raise SystemExit(main())
