"""The cheapest and the dearest way through a definition on which nothing fails and nothing is repeated.

In a loop the dearest way takes every state once; branches of a Parallel are all taken, and a Map has so many items.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from stepsmith.asl.model import Choice, Fail, Map, Parallel, State, StateMachine, Succeed, Task
from stepsmith.deploy.costs.demand import Demand, call_of, total

ITEMS: Final = 10
"""How many items a Map is taken to have."""
Price: TypeAlias = Callable[[Demand], float]
Both: TypeAlias = tuple[Demand, Demand]


def ways(machine: StateMachine, price: Price) -> Both:
    """Give what the cheapest and the dearest way ask for, the start of the execution included."""
    least, most = _through(machine.start_at, machine.states, price)
    start = Demand(transitions=1)
    return least.plus(start), most.plus(start)


def _through(start: str, states: Mapping[str, State], price: Price) -> Both:
    known = {name: _of_state(state, price) for name, state in states.items()}
    edges = {name: [each for each in following(state) if each in states] for name, state in states.items()}
    good = _reaching(
        edges, {name for name, state in states.items() if _ends(state) and not isinstance(state, Fail)}
    )
    if start not in good:  # it can only fail
        good = set(states)
    edges = {name: [each for each in edges[name] if each in good] for name in good}
    return _cheapest(start, edges, known, price), _dearest(start, edges, known, price)


def following(state: State) -> Iterator[str]:
    """Give the names of the states that may come next when nothing fails."""
    if isinstance(state, Choice):
        yield from (rule.next for rule in state.choices)
        if state.default is not None:
            yield state.default
    elif not isinstance(state, Succeed | Fail) and state.next is not None:
        yield state.next


def _ends(state: State) -> bool:
    return not any(True for _ in following(state))


def _of_state(state: State, price: Price) -> Both:
    """Give what one visit of a state asks for at least and at most."""
    own = Demand(transitions=1)
    if isinstance(state, Task):
        given = state.arguments if isinstance(state.arguments, dict) else state.parameters
        own = own.plus(call_of(state.resource, given))
        return own, own
    if isinstance(state, Parallel):
        found = [_through(branch.start_at, branch.states, price) for branch in state.branches]
        return total((own, *(least for least, _ in found))), total((own, *(most for _, most in found)))
    if isinstance(state, Map):
        processor = state.item_processor
        least, most = (each.times(ITEMS) for each in _through(processor.start_at, processor.states, price))
        config = processor.processor_config
        if config is not None and config.mode == "DISTRIBUTED":
            is_express = config.execution_type == "EXPRESS"
            children = Demand(express=ITEMS) if is_express else Demand(transitions=ITEMS)
            least, most = (_as_child(each, is_express).plus(children) for each in (least, most))
        return own.plus(least), own.plus(most)
    return own, own


def _as_child(demand: Demand, is_express: bool) -> Demand:
    """Express executions do not pay for transitions."""
    return Demand(0.0, demand.functions, demand.requests, demand.express) if is_express else demand


def _cheapest(start: str, edges: Mapping[str, list[str]], known: Mapping[str, Both], price: Price) -> Demand:
    """Give the cheapest way to a state that nothing follows, by Dijkstra."""
    waiting: list[tuple[float, int, str, Demand]] = [(price(known[start][0]), 0, start, known[start][0])]
    done: set[str] = set()
    number = 0
    while waiting:
        _, _, name, so_far = heapq.heappop(waiting)
        if name in done:
            continue
        if not edges[name]:
            return so_far
        done.add(name)
        for each in edges[name]:
            number += 1
            along = so_far.plus(known[each][0])
            heapq.heappush(waiting, (price(along), number, each, along))
    return known[start][0]


def _dearest(start: str, edges: Mapping[str, list[str]], known: Mapping[str, Both], price: Price) -> Demand:
    """Give the dearest way when every loop is taken as one step that visits all of its states once."""
    order = _finished(start, edges)
    loop_of = _loops(order, edges)
    loops: dict[str, list[str]] = {}
    for name in order:
        loops.setdefault(loop_of[name], []).append(name)
    best: dict[str, Demand] = {}
    for root in order:  # what follows a loop has been finished before its root
        members = loops.get(root, ())
        after = [best[loop_of[each]] for name in members for each in edges[name] if loop_of[each] != root]
        if members:
            tail = max(after, key=price, default=Demand())
            best[root] = total((tail, *(known[name][1] for name in members)))
    return best[loop_of[start]]


def _finished(start: str, edges: Mapping[str, list[str]]) -> list[str]:
    """Give the states that can be reached, each after those that follow it, loops left aside."""
    found: list[str] = []
    seen = {start}
    waiting = [(start, iter(edges[start]))]
    while waiting:
        name, rest = waiting[-1]
        each = next((each for each in rest if each not in seen), None)
        if each is None:
            found.append(name)
            waiting.pop()
        else:
            seen.add(each)
            waiting.append((each, iter(edges[each])))
    return found


def _loops(order: list[str], edges: Mapping[str, list[str]]) -> dict[str, str]:
    """Give for each state the one of its loop that was finished last, itself where it is in none, by Kosaraju."""
    before: dict[str, list[str]] = {name: [] for name in order}
    for name in order:
        for each in edges[name]:
            before[each].append(name)
    found: dict[str, str] = {}
    for root in reversed(order):
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = root
                waiting += before[name]
    return found


def _reaching(edges: Mapping[str, list[str]], ends: set[str]) -> set[str]:
    """Give the states from which one of some others can be reached, those included."""
    before: dict[str, list[str]] = {name: [] for name in edges}
    for name, following in edges.items():
        for each in following:
            before[each].append(name)
    found: set[str] = set()
    waiting = list(ends)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += before[name]
    return found
