"""`stepsmith completion`: what lets a shell complete commands, options, workflows and files."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace

SHELLS: Final = ("bash", "zsh", "fish")
_TARGETS: Final = ("run", "graph", "compile", "start", "deploy", "template")
"""Commands whose argument may be a workflow."""

BASH: Final = """\
# stepsmith completion bash >> ~/.bash_completion
_stepsmith() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} options=
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "<commands>" -- "$word"))
        return
    fi
    case "$command" in
<cases>
    esac
    case "$word" in
        -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
        *)
            COMPREPLY=($(compgen -f -- "$word"))
            case "$command" in
                <targets>)
                    for options in workflows/[!_]*.py; do
                        options=${options#workflows/}
                        COMPREPLY+=($(compgen -W "${options%.py}" -- "$word"))
                    done ;;
            esac ;;
    esac
}
complete -o filenames -F _stepsmith stepsmith
"""
ZSH: Final = """\
#compdef stepsmith
# stepsmith completion zsh > "${fpath[1]}/_stepsmith"
_stepsmith() {
    local -a commands options
    commands=(
<commands>
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    case "$words[2]" in
<cases>
    esac
    if [[ "$PREFIX" == -* ]]; then
        compadd -- $options
    else
        case "$words[2]" in
            <targets>) [[ -d workflows ]] && compadd -- workflows/[^_]*.py(N:t:r) ;;
        esac
        _files
    fi
}
_stepsmith "$@"
"""


def parser() -> Arguments:
    """Return what the command takes."""
    arguments = Arguments(
        "completion",
        "Write what lets a shell complete commands, options, workflows and files.",
        examples=("bash >> ~/.bash_completion", "fish > ~/.config/fish/completions/stepsmith.fish"),
    )
    arguments.value("shell", metavar="|".join(SHELLS), help="the shell")
    return arguments


def run(arguments: Namespace) -> int:
    """Write the script."""
    from stepsmith.cli.output.messages import nearest, put
    from stepsmith.errors import NotFound

    if arguments.shell not in SHELLS:
        raise NotFound(
            f"no shell {arguments.shell!r}{nearest(arguments.shell, SHELLS, otherwise='they are')}"
        )
    put({"bash": bash, "zsh": zsh, "fish": fish}[arguments.shell]().rstrip())
    return 0


def commands() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Return each command with what it does and its options, which have help."""
    from stepsmith.cli.commands import COMMANDS

    return {
        name: (about, import_module(module).parser().options()) for name, (module, about) in COMMANDS.items()
    }


def bash() -> str:
    """Return the script for bash."""
    found = commands()
    cases = "\n".join(
        f'        {name}) options="{" ".join(option for option, _ in options)}" ;;'
        for name, (_, options) in found.items()
    )
    return _filled(BASH, commands=" ".join(found), cases=cases, targets="|".join(_TARGETS))


def zsh() -> str:
    """Return the script for zsh."""
    found = commands()
    listed = "\n".join(f"        {_quoted(f'{name}:{about}')}" for name, (about, _) in found.items())
    cases = "\n".join(
        f"        {name}) options=({' '.join(option for option, _ in options)}) ;;"
        for name, (_, options) in found.items()
    )
    return _filled(ZSH, commands=listed, cases=cases, targets="|".join(_TARGETS))


def fish() -> str:
    """Return the script for fish."""
    lines = [
        "# stepsmith completion fish > ~/.config/fish/completions/stepsmith.fish",
        "complete -c stepsmith -n __fish_use_subcommand -f",
    ]
    for name, (about, options) in commands().items():
        lines.append(f"complete -c stepsmith -n __fish_use_subcommand -a {name} -d {_quoted(about)}")
        for option, help in options:
            lines.append(
                f"complete -c stepsmith -n '__fish_seen_subcommand_from {name}' -l {option[2:]} -d {_quoted(help)}"
            )
    lines.append(
        f"complete -c stepsmith -n '__fish_seen_subcommand_from {' '.join(_TARGETS)}' "
        '-a \'(path change-extension "" (path basename workflows/*.py) | string match -v "_*")\''
    )
    return "\n".join(lines)


def _filled(text: str, **parts: str) -> str:
    for name, part in parts.items():
        text = text.replace(f"<{name}>", part)
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
