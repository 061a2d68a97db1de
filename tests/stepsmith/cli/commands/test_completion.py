"""Completion in shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from stepsmith.cli.commands import COMMANDS, completion
from tests.stepsmith.cli.conftest import Call


def _bash(folder: Path, *words: str) -> list[str]:
    quoted = " ".join(f"'{word}'" for word in words)
    asked = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _stepsmith; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    script = f"{completion.bash()}\n{asked}"
    done = subprocess.run(["/bin/bash", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["stepsmith", "ru"], ["run"]),
        (["stepsmith", "de"], ["dev", "deploy", "destroy"]),
        (["stepsmith", "graph", "--fo"], ["--format"]),
        (["stepsmith", "run", "ord"], ["ordering"]),
        (["stepsmith", "run", "no"], ["note.txt", "noting"]),
        (["stepsmith", "lint", "no"], ["note.txt"]),
        (["stepsmith", "nothing", "--"], []),
    ],
)
def test_bash_completes_commands_options_workflows_and_files(
    project: Path, words: list[str], found: list[str]
) -> None:
    (project / "note.txt").write_text("")

    assert sorted(_bash(project, *words)) == sorted(found)


@pytest.mark.parametrize(
    "words", [["stepsmith", "ru"], ["stepsmith", "graph", "--fo"], ["stepsmith", "run", "orde"]]
)
def test_fish_completes_them_too(project: Path, words: list[str]) -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish is not installed")
    script = f"{completion.fish()}\ncomplete -C '{' '.join(words)}'"

    done = subprocess.run(
        [fish, "--no-config", "-c", script], cwd=project, capture_output=True, text=True, check=True
    )

    assert done.stdout.split("\t")[0].split("\n")[0] in ("run", "--format", "ordering")


def test_zsh_reads_its_script() -> None:
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("zsh is not installed")

    subprocess.run([zsh, "-n"], input=completion.zsh(), text=True, check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_knows_every_command(stepsmith: Call, shell: str) -> None:
    outcome = stepsmith("completion", shell)

    assert outcome.code == 0
    assert all(name in outcome.out for name in COMMANDS)
    assert "--substitutions" in outcome.out or "-l substitutions" in outcome.out


def test_a_shell_that_is_not_known_is_refused(stepsmith: Call) -> None:
    outcome = stepsmith("completion", "basch")

    assert (outcome.code, outcome.err) == (2, "stepsmith: no shell 'basch'; did you mean 'bash'?\n")
