"""TestState: one state alone, with its work mocked or done by the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from stepsmith.asl import parse, parse_state
from stepsmith.asl.model import Branch, ItemProcessor, Map, Parallel, QueryLanguage, State, StateMachine, Task
from stepsmith.engine.fields.linking import Linking
from stepsmith.engine.kernel.frames import CaughtStep, CompiledCatcher, Execution, Flow, Frame, Node, Program
from stepsmith.engine.kernel.retry import backoff, retrier_for
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import MachineType, Settings
from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSucceeded
from stepsmith.engine.states.compiling import compile_flow, compile_state, link
from stepsmith.engine.trial.inspection import inspect_map, inspect_result, inspect_work
from stepsmith.engine.trial.request import (
    CheckResult,
    Configuration,
    InspectionLevel,
    Mock,
    Trial,
    check_trial,
    read_configuration,
    read_context,
    read_mock,
    refuse,
)
from stepsmith.engine.values.failures import TOO_MANY_FAILURES, StateFailure, as_failure
from stepsmith.engine.values.payload import text_of
from stepsmith.engine.values.timestamps import iso
from stepsmith.errors import ExpressionError
from stepsmith.expressions.types import Json, Undefined

Perform: TypeAlias = Callable[[StartTask], Answer]
"""Does the work of a Task that is not mocked."""
TrialStatus: TypeAlias = Literal["SUCCEEDED", "FAILED", "RETRIABLE", "CAUGHT_ERROR"]

NAME: Final = "StateName"
"""What TestState calls the state, whatever its name is."""
_SETTINGS: Final = Settings(state_machine_name="TestState", locates_causes=False)


def try_state(
    definition: str | Mapping[str, Any],
    input: Json = None,
    *,
    state_name: str | None = None,
    role_arn: str | None = None,
    inspection_level: InspectionLevel = "INFO",
    mock: Mapping[str, Any] | None = None,
    context: str | Mapping[str, Any] | None = None,
    variables: Mapping[str, Json] | None = None,
    state_configuration: Mapping[str, Any] | None = None,
    reveal_secrets: bool = False,
    perform: Perform | None = None,
    check_result: CheckResult | None = None,
    settings: Settings = _SETTINGS,
    now: float = 0.0,
) -> dict[str, Json]:
    """Run one state alone and give what AWS's TestState answers; parameters are those of the API.

    `definition` is a state, or a machine of which `state_name` names one. Raises InvalidDefinition, and TrialRefused
    where AWS answers with an exception.
    """
    state, language, inside_map = _find(definition, state_name)
    mocked, configuration = read_mock(mock), read_configuration(state_configuration)
    check_trial(
        state,
        mocked,
        configuration,
        role_arn=role_arn,
        has_context=context is not None,
        reveal_secrets=reveal_secrets,
        check_result=check_result,
    )
    trial = Trial(
        state=state,
        input=input,
        mock=mocked,
        context=read_context(context, state),
        variables=variables or {},
        configuration=configuration,
        role_arn=role_arn,
        inside_map=inside_map,
    )
    outcome = _Bench(trial, language, settings, now).play(perform)
    return outcome.response(inspect=inspection_level != "INFO")


try_state.__test__ = False  # pyright: ignore[reportFunctionMemberAccess] - under its public name pytest would collect it


def _find(definition: str | Mapping[str, Any], name: str | None) -> tuple[State, QueryLanguage, bool]:
    if name is None:
        return parse_state(definition), "JSONPath", False
    machine = parse(definition)
    for found, state, inside_map in _states(machine.states, inside_map=False):
        if found == name:
            return state, machine.query_language or "JSONPath", inside_map
    raise refuse("State not found in definition")


def _states(states: Mapping[str, State], *, inside_map: bool) -> Iterator[tuple[str, State, bool]]:
    for name, state in states.items():
        yield name, state, inside_map
        if isinstance(state, Map):
            yield from _states(state.item_processor.states, inside_map=True)
        elif isinstance(state, Parallel):
            for branch in state.branches:
                yield from _states(branch.states, inside_map=inside_map)


@dataclass(slots=True)
class Outcome:
    """How a trial ended."""

    status: TrialStatus
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    next: str | None = None
    inspection: dict[str, Json] = field(default_factory=dict[str, Json])

    def response(self, *, inspect: bool) -> dict[str, Json]:
        """Give the answer of the API."""
        fields: dict[str, Json] = {
            "output": self.output,
            "error": self.error,
            "cause": self.cause,
            "nextState": self.next,
            "status": self.status,
            "inspectionData": self.inspection if inspect else None,
        }
        return {name: value for name, value in fields.items() if value is not None}


class _Stops(dict[str, Node]):
    """Takes every name for a state at which the trial ends."""

    def __init__(self) -> None:
        self.reached: str | None = None

    def __missing__(self, name: str) -> Node:
        node = self[name] = Node(name, "Stop")

        def enter(run: Execution, frame: Frame) -> None:
            self.reached = name
            run.finish(frame)

        node.enter = enter
        return node


class _Bench:
    """One state mounted for a trial."""

    def __init__(self, trial: Trial, language: QueryLanguage, settings: Settings, now: float) -> None:
        self.trial = trial
        self.query = (trial.state.query_language or language) == "JSONata"
        self.stops = _Stops()
        self.caught: tuple[int, StateFailure] | None = None
        self.node = Node(NAME, type(trial.state).__name__)
        machine = StateMachine(start_at=NAME, states={NAME: trial.state}, query_language=language)
        state = _without_work(trial.state)
        compile_state(self.node, state, self._linking(machine, language))
        self.node.catchers = tuple(
            CompiledCatcher(catcher.errors, self._watched(index, catcher.leave))
            for index, catcher in enumerate(self.node.catchers)
        )
        program = link(machine, "STANDARD", Flow({NAME: self.node}, self.node))
        self.run = Run(program, settings, trial.input, now=now, name="test")
        frame = self.run.root
        frame.variables = trial.variables
        if trial.inside_map:
            frame.item = (0, trial.input, None, None)
        self.run.given_context = self._context() if trial.context is None else trial.context

    def _linking(self, machine: StateMachine, language: QueryLanguage) -> Linking:
        def compile_inner(inner: Branch | ItemProcessor) -> Flow:
            return compile_flow(machine, inner)

        def compile_child(processor: ItemProcessor, type: MachineType) -> Program:
            return link(machine, type, compile_inner(processor))

        return Linking(self.stops, language, compile_inner, compile_child)

    def _context(self) -> dict[str, Json]:
        run = self.run
        start = run.settings.machine_arn.split(":stateMachine:")[0]
        machine = run.settings.state_machine_name
        state: dict[str, Json] = {"Name": NAME, "EnteredTime": iso(run.now)}
        if isinstance(self.trial.state, Task | Map | Parallel):
            state["RetryCount"] = self.trial.configuration.retrier_retry_count
        context: dict[str, Json] = {
            "Execution": {
                "Id": f"{start}:express:{machine}:{run.name}",
                "Input": run.input,
                "Name": run.name,
                "RoleArn": self.trial.role_arn,
                "StartTime": iso(run.started),
            },
            "StateMachine": {"Id": run.settings.machine_arn, "Name": machine},
            "State": state,
        }
        if self.trial.inside_map:
            context["Map"] = {"Item": {"Index": 0, "Value": run.input}}
        return context

    def _watched(self, index: int, leave: CaughtStep) -> CaughtStep:
        def caught(run: Execution, frame: Frame, failure: StateFailure) -> Node:
            self.caught = (index, failure)
            return leave(run, frame, failure)

        return caught

    # -- running ------------------------------------------------------------------------

    def play(self, perform: Perform | None) -> Outcome:
        """Take the state to its end."""
        run = self.run
        inspection: dict[str, Json] = {"input": text_of(self.trial.input)}
        while run.status == "RUNNING":
            commands = run.advance(run.now)
            starts = [command for command in commands if isinstance(command, StartTask)]
            if starts:
                run.root.retries = [self.trial.configuration.retrier_retry_count] * len(self.node.retriers)
                run.apply(self._answer(starts[0], perform, inspection), run.now)
            elif run.next_timer is None or self.node.kind != "Wait":
                break
            else:
                run.advance(run.next_timer)
        if not isinstance(self.trial.state, Map):
            inspect_work(run, self._aside(), self.trial.state, self.query, inspection)
        return self._outcome(inspection)

    def _aside(self) -> Frame:
        frame = Frame(self.node, self.trial.input, "", 0, self.trial.variables)
        self.run.frame = frame
        return frame

    def _answer(self, command: StartTask, perform: Perform | None, inspection: dict[str, Json]) -> Answer:
        state, mock = self.trial.state, self.trial.mock
        if isinstance(state, Map):
            try:
                failure = self._map_failure(state, inspection)
            except (StateFailure, ExpressionError) as problem:
                failure = as_failure(problem)
            if failure is not None:
                return TaskFailed(id=command.id, error=failure.error, cause=failure.cause)
        if mock is None:
            if perform is None:
                raise refuse("A Task that is not mocked needs something that performs it")
            answer = perform(command)
        elif isinstance(mock.result, Undefined):
            answer = TaskFailed(id=command.id, error=mock.error, cause=mock.cause)
        else:
            answer = TaskSucceeded(id=command.id, output=mock.result)
        if isinstance(answer, TaskSucceeded):
            inspect_result(self.run, self._aside(), state, answer.output, self.query, inspection)
            self.run.frame = self.run.root
        return answer

    def _map_failure(self, state: Map, inspection: dict[str, Json]) -> StateFailure | None:
        """Evaluate what a Map evaluates before its iterations; gives the failure of too many failed ones."""
        configuration: Configuration = self.trial.configuration
        tolerance, length = inspect_map(
            self.run, self._aside(), state, self.query, inspection, configuration.map_item_reader_data
        )
        self.run.frame = self.run.root
        failed = configuration.map_iteration_failure_count
        if failed is None:
            return None
        if length is not None and failed > length:
            raise refuse(
                "Map iteration failure count must be less than or equal to the number of Map iterations"
            )
        mock: Mock | None = self.trial.mock
        if mock is not None and isinstance(mock.result, Undefined):
            return None
        if not tolerance.exceeded(failed, length or failed):
            return None
        return StateFailure(TOO_MANY_FAILURES, "The specified tolerated failure threshold was exceeded")

    # -- the answer ---------------------------------------------------------------------

    def _outcome(self, inspection: dict[str, Json]) -> Outcome:
        run = self.run
        if run.root.variables:
            inspection["variables"] = text_of(dict(run.root.variables))
        if self.caught is not None and run.status == "SUCCEEDED":
            index, failure = self.caught
            details = {**self._retry_details(failure), "catchIndex": index}
            inspection["errorDetails"] = details
            output = text_of(run.root.value)
            return Outcome(
                "CAUGHT_ERROR", output, failure.error, failure.cause, self.stops.reached, inspection
            )
        if run.status == "SUCCEEDED":
            return Outcome(
                "SUCCEEDED", text_of(run.root.value), next=self.stops.reached, inspection=inspection
            )
        if run.status == "RUNNING":
            failure = StateFailure(*run.history.record(len(run.history))[4])
            inspection["errorDetails"] = self._retry_details(failure)
            return Outcome("RETRIABLE", None, failure.error, failure.cause, None, inspection)
        details = self._retry_details(StateFailure(run.error, run.cause))
        if details:
            inspection["errorDetails"] = details
        return Outcome("FAILED", None, run.error, run.cause, None, inspection)

    def _retry_details(self, failure: StateFailure) -> dict[str, Json]:
        index = retrier_for(self.node.retriers, failure)
        if index is None:
            return {}
        retrier, used = self.node.retriers[index], self.trial.configuration.retrier_retry_count
        if used >= retrier.attempts:
            return {"retryIndex": index}
        delay = backoff(retrier, used)
        whole = int(delay) if delay == int(delay) else delay
        return {"retryBackoffIntervalSeconds": whole, "retryIndex": index}


def _without_work(state: State) -> State:
    """Give a Task in the place of a Map or Parallel, so that their mocked result goes the way of a task's."""
    if not isinstance(state, Map | Parallel):
        return state
    return Task(
        resource="arn:aws:states:::stepsmith:mock",
        query_language=state.query_language,
        result_selector=state.result_selector,
        result_path=state.result_path,
        output_path=state.output_path,
        assign=state.assign,
        output=state.output,
        retry=state.retry,
        catch=state.catch,
        next=state.next,
        end=state.end,
    )
