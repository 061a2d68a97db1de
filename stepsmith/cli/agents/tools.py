"""The tools that an agent is given: calls of the command line, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

from mcp.server.mcpserver import MCPServer
from pydantic import Field

from stepsmith.cli.watching import FRESH

SECONDS: Final = 120.0
"""How long a tool may take; a run in virtual time takes less than a second."""
MOST_CHARACTERS: Final = 100_000
"""Characters of an answer: what is longer helps no agent."""
INSTRUCTIONS: Final = """\
Workflows of this project are typed Python functions in workflows/, which compose tasks, small functions in tasks/.
They compile to Amazon States Language in definitions/. Read list_workflows first. After a change call compile, which
says what the language of workflow functions refuses (explain says why and what to write instead), then run: time is
virtual, AWS is played in process, and `returns`, `fail` and `delay` decide what tasks do."""


def server(folder: Path) -> MCPServer[Any]:
    """Return the server of the tools for a project."""
    made: MCPServer[Any] = MCPServer("stepsmith", version=version("stepsmith"), instructions=INSTRUCTIONS)
    tools = Tools(folder)
    for each in (tools.list_workflows, tools.compile, tools.lint, tools.explain, tools.graph):
        made.add_tool(each)
    for each in (tools.run, tools.history, tools.test):
        made.add_tool(each)
    return made


class Tools:
    """Calls the command line in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def list_workflows(self) -> str:
        """List the workflows of the project with their inputs and output, and the JSON schemas of these."""
        return await self.call("list", "--json")

    async def compile(
        self,
        check: Annotated[bool, Field(description="write nothing, and say what would change")] = False,
    ) -> str:
        """Compile all workflows to definitions/, or say with file, line and code what is refused."""
        refused = await self.call("compile", "--check", "--format", "json")
        if not refused.startswith("[]"):
            return refused
        return await self.call("compile", *(["--check"] if check else []))

    async def lint(
        self,
        paths: Annotated[
            list[str] | None, Field(description="definitions and templates; definitions/ by default")
        ] = None,
    ) -> str:
        """Check definitions of state machines, also inside of templates, for what AWS would refuse."""
        return await self.call("lint", "--format", "json", "--", *(paths or []))

    async def explain(self, code: Annotated[str, Field(description="such as W170")]) -> str:
        """Say what a code of the compiler means, why, and what to write instead."""
        return await self.call("explain", "--", code)

    async def graph(
        self,
        target: Annotated[str, Field(description="a workflow, or a file with a definition")],
    ) -> str:
        """Draw a workflow or a definition as text."""
        return await self.call("graph", "--format", "text", "--", target)

    async def run(
        self,
        target: Annotated[str, Field(description="a workflow, or a file with a definition")],
        input: Annotated[dict[str, Any], Field(description="the input, as list_workflows describes it")],
        returns: Annotated[
            dict[str, Any] | None, Field(description="task -> what it gives instead of being carried out")
        ] = None,
        fail: Annotated[
            dict[str, str] | None, Field(description="task -> ERROR, or ERROR@N for its Nth call")
        ] = None,
        delay: Annotated[
            dict[str, float] | None, Field(description="task -> seconds of virtual time that it takes")
        ] = None,
        answers: Annotated[
            dict[str, Any] | None, Field(description="task that waits for an answer -> the answer")
        ] = None,
    ) -> str:
        """Run it here, in virtual time: gives status, output or error with its place, and the states passed."""
        return await self.call(
            "run",
            "--json",
            "--input",
            json.dumps(input),
            *_options("--returns", _written(returns)),
            *_options("--fail", fail),
            *_options("--delay", delay),
            *_options("--answer", _written(answers)),
            "--",
            target,
        )

    async def history(
        self,
        file: Annotated[str, Field(description="a history exported from AWS")],
    ) -> str:
        """Show the timeline of an exported execution history, and how it ended."""
        return await self.call("history", "--", file)

    async def test(
        self,
        paths: Annotated[list[str] | None, Field(description="files of tests; all by default")] = None,
    ) -> str:
        """Run the project's tests with pytest."""
        return await self.call("test", "--", "-q", "--no-header", "-p", "no:cacheprovider", *(paths or []))

    async def call(self, *arguments: str) -> str:
        """Return what a command writes, and what it says where it has not succeeded."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "stepsmith",
            *arguments,
            cwd=self._folder,
            env=FRESH,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, said = await asyncio.wait_for(process.communicate(), SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            return f"it was ended after {SECONDS:g} seconds: stepsmith {_shown(arguments)}"
        finally:
            if process.returncode is None:
                process.kill()
        text, words = out.decode("utf-8", "replace").rstrip(), said.decode("utf-8", "replace").rstrip()
        whole = "\n".join(part for part in (text, words if process.returncode or not text else "") if part)
        return whole if len(whole) <= MOST_CHARACTERS else f"{whole[:MOST_CHARACTERS]}… and more"


def _options(name: str, given: Mapping[str, object] | None) -> list[str]:
    return [part for key, value in (given or {}).items() for part in (name, f"{key}={value}")]


def _written(given: Mapping[str, object] | None) -> dict[str, str]:
    return {name: json.dumps(value) for name, value in (given or {}).items()}


def _shown(arguments: Sequence[str]) -> str:
    return " ".join(arguments)[:200]
