"""The server under load: starts a second from eight connections, and many clients at once for a while.

    python benchmarks/server.py [SECONDS] [CLIENTS] [DATA]

Each execution that was started is described: the server remembers 100,000 that have ended, so starts pause after 50,000
while all of them are asked for, and that is on no clock. What the server holds is told for each such part: once it
remembers as many as it does, that stays the same. With DATA it is started with `--data` in a folder of that name.

Clients share the machine with the server, so what it takes of the processor is told beside what the clock says.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/r"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/states/aws4_request, SignedHeaders=host"
PART = 50_000
"""Executions after which all of them are described."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Client:
    """One connection that is kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    latencies: list[float] = field(default_factory=list)

    async def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        body = json.dumps(parameters).encode()
        head = (
            f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.{action}\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nAuthorization: {AUTHORIZATION}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        begun = time.perf_counter()
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        found: dict[str, Any] = json.loads(await self.reader.readexactly(length))
        self.latencies.append(time.perf_counter() - begun)
        if "__type" in found:
            raise RuntimeError(found)
        return found


async def connect(port: int) -> Client:
    return Client(*await asyncio.open_connection("127.0.0.1", port))


async def starts(port: int, machine: str, clients: int, seconds: float, pause: float = 0.0) -> dict[str, Any]:
    """Start executions from so many connections for so long, at most a part; gives what was measured, and ARNs."""
    end = time.perf_counter() + seconds
    arns: list[str] = []

    async def work() -> list[float]:
        client = await connect(port)
        while time.perf_counter() < end and len(arns) < PART:
            found = await client.call("StartExecution", stateMachineArn=machine, input='{"n":1}')
            arns.append(found["executionArn"])
            if pause:
                await asyncio.sleep(pause)
        client.writer.close()
        return client.latencies

    begun = time.perf_counter()
    latencies = sorted(
        each for found in await asyncio.gather(*(work() for _ in range(clients))) for each in found
    )
    return {"seconds": time.perf_counter() - begun, "latencies": latencies, "arns": arns}


async def statuses(port: int, arns: list[str]) -> Counter[str]:
    """Count how executions have ended."""
    client = await connect(port)
    found: Counter[str] = Counter()
    for arn in arns:
        try:
            answer = await client.call("DescribeExecution", executionArn=arn)
        except RuntimeError:
            found["forgotten"] += 1
            continue
        while answer["status"] == "RUNNING":
            await asyncio.sleep(0.01)
            answer = await client.call("DescribeExecution", executionArn=arn)
        found[answer["status"]] += 1
    client.writer.close()
    return found


def processor(pid: int) -> float:
    """Return the seconds of processor that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """Return the megabytes that a process holds."""
    line = next(
        each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


def report(name: str, found: dict[str, Any], taken: float, held: float) -> None:
    latencies = found["latencies"]
    count = len(latencies)
    rate, own = count / found["seconds"], taken / count * 1e6
    p50, p99 = statistics.median(latencies) * 1000, latencies[int(count * 0.99)] * 1000
    print(
        f"{name}: {count} starts, {rate:,.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms; "
        f"server: {own:.0f} µs of processor a start, {held:.0f} MB"
    )


async def measure(process: subprocess.Popen[str], port: int, seconds: float, clients: int) -> None:
    client = await connect(port)
    machine = (await client.call("CreateStateMachine", name="m", definition=json.dumps(PASS), roleArn=ROLE))[
        "stateMachineArn"
    ]
    await starts(port, machine, 8, 1.0)
    for name, count, pause in (("8 connections", 8, 0.0), (f"{clients} clients", clients, clients / 800)):
        await measure_parts(process, port, machine, name, count, seconds, pause)


async def measure_parts(
    process: subprocess.Popen[str],
    port: int,
    machine: str,
    name: str,
    clients: int,
    seconds: float,
    pause: float,
) -> None:
    """Start executions for so long altogether, and ask for each of them after every part."""
    taken, spent, latencies, held = 0.0, 0.0, list[float](), list[float]()
    ends: Counter[str] = Counter()
    while seconds - spent > 0.01:
        before = processor(process.pid)
        found = await starts(port, machine, clients, seconds - spent, pause)
        taken += processor(process.pid) - before
        spent += found["seconds"]
        latencies += found["latencies"]
        held.append(memory(process.pid))
        ends += await statuses(port, found["arns"])
    report(name, {"seconds": spent, "latencies": sorted(latencies)}, taken, held[-1])
    print(
        f"    {dict(ends)}, {len(latencies) - ends['SUCCEEDED']} lost; MB after each part: {held_text(held)}"
    )


def held_text(held: list[float]) -> str:
    return ", ".join(f"{each:.0f}" for each in held)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    command = [sys.executable, "-m", "stepsmith", "dev", "--port", "0"]
    if len(sys.argv) > 3:
        command += ["--data", sys.argv[3]]
    begun = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        line = process.stderr.readline()
        taken = processor(process.pid)
        print(
            f"started in {time.perf_counter() - begun:.2f} s, {taken:.2f} s of processor, {memory(process.pid):.0f} MB"
        )
        try:
            asyncio.run(measure(process, int(line.split()[1].rpartition(":")[2]), seconds, clients))
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
