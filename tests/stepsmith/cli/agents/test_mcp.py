"""The tools that an agent is given, over standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stepsmith.cli.conftest import Call

pytest.importorskip("mcp")
Ask = Callable[..., Awaitable[str]]


def _session(folder: Path, use: Callable[[Any, Ask], Awaitable[None]]) -> None:
    """Start the server as an agent does, and use its tools."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    async def go() -> None:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "stepsmith", "mcp"], cwd=folder
        )
        async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
            await session.initialize()

            async def ask(tool: str, **arguments: Any) -> str:
                found: Any = await session.call_tool(tool, arguments)
                assert not found.is_error, found
                return str(found.content[0].text)

            await use(session, ask)

    asyncio.run(go())


@pytest.mark.slow
def test_an_agent_lists_runs_and_sees_what_went_wrong(project: Path) -> None:
    async def use(session: Any, ask: Ask) -> None:
        tools = {each.name: each for each in (await session.list_tools()).tools}
        assert sorted(tools) == [
            "compile",
            "explain",
            "graph",
            "history",
            "lint",
            "list_workflows",
            "run",
            "test",
        ]
        assert all(each.description for each in tools.values())
        assert "ordering" in json.loads(await ask("list_workflows"))
        order = {"order": {"sku": "a", "quantity": 2}}
        assert json.loads(await ask("run", target="ordering", input=order))["output"] == 500
        mocked = await ask("run", target="ordering", input=order, returns={"price": 7}, delay={"price": 3})
        assert (json.loads(mocked)["output"], json.loads(mocked)["elapsed"]) == (7, 63.0)
        failed = await ask("run", target="ordering", input=order, fail={"price": "Busy"})
        assert "in state 'Price' (workflows/ordering.py:13)" in failed
        assert "did you mean 'ordering'" in await ask("run", target="orderin", input={})
        assert "Price" in await ask("graph", target="ordering")

    _session(project, use)


@pytest.mark.slow
def test_an_agent_sees_the_code_as_it_is_now(project: Path) -> None:
    async def use(session: Any, ask: Ask) -> None:
        await ask("compile")
        assert (project / "definitions" / "ordering.asl.json").is_file()
        assert json.loads(await ask("lint")) == []
        path = project / "workflows" / "ordering.py"
        path.write_text(path.read_text().replace("return total", "return print(total)"))
        [refusal] = json.loads(await ask("compile"))
        assert refusal["path"] == "workflows/ordering.py"
        assert refusal["code"] in await ask("explain", code=refusal["code"])

    _session(project, use)


def test_without_the_extra_it_says_how_to_get_it(stepsmith: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "stepsmith.cli.agents.tools", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)

    outcome = stepsmith("mcp")

    assert outcome.code == 2
    assert "pip install 'stepsmith[agents]'" in outcome.err
