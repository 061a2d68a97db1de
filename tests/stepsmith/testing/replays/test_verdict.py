from typing import Any

import pytest

from stepsmith import WorkflowError
from tests.stepsmith.testing.replays.shops import (
    ECHOING,
    RETRY,
    SHOP,
    call,
    changed,
    history,
    told,
    verdict,
)


class Busy(WorkflowError):
    """Try again later."""


class Broken(WorkflowError):
    """Nothing to be done."""


def raising(*errors: Exception) -> Any:
    """A function that fails so often, and echoes then."""
    left = list(errors)

    def answer(payload: Any) -> Any:
        if left:
            raise left.pop(0)
        return payload

    return answer


def test_the_same_definition_goes_as_recorded() -> None:
    found = verdict(SHOP, history())

    assert (found.outcome, found.status, found.departures) == ("same", "SUCCEEDED", ())


def test_another_threshold_takes_another_path_and_calls_what_was_not_called() -> None:
    def lower(states: dict[str, Any]) -> None:
        states["Large?"]["Choices"][0]["Condition"] = "{% $states.input.cents > 10 %}"

    found = verdict(changed(lower), history())

    assert [each.kind for each in found.departures] == ["path", "calls"]
    assert found.departures[0].what == "after 'Large?' goes to 'Review', not to 'Ship'"
    assert found.departures[1].what.startswith("calls 'Review', which was not called")


def test_what_is_no_longer_called_is_named() -> None:
    def raise_it(states: dict[str, Any]) -> None:
        states["Large?"]["Choices"][0]["Condition"] = "{% $states.input.cents > 1000 %}"

    found = verdict(changed(raise_it), history(value={"cents": 500}))

    assert [each.what for each in found.departures] == [
        "after 'Large?' goes to 'Ship', not to 'Review'",
        "no longer calls 'Review'",
    ]


def test_other_inputs_are_named_with_their_places() -> None:
    def add(states: dict[str, Any]) -> None:
        states["Ship"]["Arguments"]["Payload"] = "{% $merge([$states.input, {'fast': true}]) %}"

    found = verdict(changed(add), history())

    assert told(found) == [
        "calls with others: 'Ship' is given something else",
        "  $.Payload.fast was not there, is true",
    ]


def test_another_function_behind_the_same_state_is_another_call() -> None:
    def swap(states: dict[str, Any]) -> None:
        states["Ship"]["Arguments"]["FunctionName"] = "${send_by_mail}"

    found = verdict(changed(swap), history())

    assert [each.kind for each in found.departures] == ["calls"]
    assert "'Ship' calls send_by_mail, and called arn:aws:lambda" in found.departures[0].what


def test_another_output_is_another_end() -> None:
    def wrap(states: dict[str, Any]) -> None:
        states["Ship"]["Output"] = "{% {'cents': $states.result.Payload.cents + 1} %}"

    assert told(verdict(changed(wrap), history())) == [
        "ends otherwise: it gives another output",
        "  $.cents was 50, is 51",
    ]


def test_a_renamed_state_with_the_same_call_is_another_path_and_no_other_call() -> None:
    def rename(states: dict[str, Any]) -> None:
        states["Deliver"] = states.pop("Ship")
        states["Large?"]["Default"] = states["Review"]["Next"] = "Deliver"

    found = verdict(changed(rename), history())

    assert [each.what for each in found.departures] == ["after 'Large?' goes to 'Deliver', not to 'Ship'"]


def test_retries_answer_one_after_the_other() -> None:
    events = history(tasks={**ECHOING, "charge": raising(Busy("later"), Busy("later"))})

    assert verdict(SHOP, events).outcome == "same"


def test_fewer_retries_let_it_fail() -> None:
    def fewer(states: dict[str, Any]) -> None:
        states["Charge"]["Retry"] = [{**RETRY[0], "MaxAttempts": 1}]

    found = verdict(changed(fewer), history(tasks={**ECHOING, "charge": raising(Busy("a"), Busy("b"))}))

    assert ("end", "it was SUCCEEDED, and would be FAILED with Busy") in [
        (each.kind, each.what) for each in found.departures
    ]


def test_more_retries_than_were_recorded_cannot_be_answered() -> None:
    def more(states: dict[str, Any]) -> None:
        states["Charge"]["Retry"] = [{**RETRY[0], "ErrorEquals": ["Broken"]}]

    found = verdict(changed(more), history(tasks={**ECHOING, "charge": raising(Broken("x"))}))

    assert [each.what for each in found.departures] == [
        "tries 'Charge' once more than was recorded; what it would give is not known, and the replay ends there"
    ]


def test_tasks_take_as_long_as_they_took_so_that_a_shorter_time_out_is_seen() -> None:
    def hurry(states: dict[str, Any]) -> None:
        states["Charge"]["TimeoutSeconds"] = 10

    events = history(seconds={"Charge": 30.0})

    assert verdict(SHOP, events).outcome == "same"
    assert "would be FAILED with States.Timeout" in str(told(verdict(changed(hurry), events)))


def test_a_longer_time_out_than_anybody_waited_is_noted() -> None:
    slow = changed(lambda states: states["Charge"].update(TimeoutSeconds=10))
    patient = changed(lambda states: states["Charge"].update(TimeoutSeconds=60))

    found = verdict(patient, history(slow, seconds={"Charge": 30.0}))

    assert found.notes == ("'Charge' timed out, and would now wait longer than anybody did",)


def test_a_task_with_a_heartbeat_is_alive_as_long_as_it_was() -> None:
    beating = changed(lambda states: states["Charge"].update(HeartbeatSeconds=5, TimeoutSeconds=100))

    assert verdict(beating, history(seconds={"Charge": 30.0})).outcome == "same"


def test_an_execution_that_runs_is_replayed_as_far_as_it_goes() -> None:
    events = history()

    for length in range(2, len(events)):
        found = verdict(SHOP, events[:length])
        assert (found.outcome, found.status, told(found)) == ("same", "RUNNING", [])
        assert found.notes == ("its history has no end; it was replayed as far as it goes",)


def test_an_aborted_execution_is_replayed_as_far_as_it_went() -> None:
    events = history(seconds={"Charge": 30.0})
    begun = next(at for at, each in enumerate(events) if each["type"] == "TaskStarted")
    last = events[begun]
    aborted = {"id": last["id"] + 1, "previousEventId": 0, "type": "ExecutionAborted"}

    found = verdict(SHOP, [*events[: begun + 1], {**aborted, "timestamp": last["timestamp"] + 5}])

    assert (found.outcome, found.status) == ("same", "ABORTED")
    assert found.notes == ("it was aborted; it was replayed as far as it went",)


def test_an_execution_that_was_redriven_is_replayed_as_it_went_in_the_end() -> None:
    failed = history(tasks={**ECHOING, "charge": raising(Broken("x"))})
    whole = history()
    last, rest = failed[-1], whole[2:]
    shift = last["id"] + 1 - rest[0]["id"] + 1
    redriven = {"id": last["id"] + 1, "previousEventId": last["id"], "type": "ExecutionRedriven"}
    redriven |= {"timestamp": last["timestamp"], "executionRedrivenEventDetails": {"redriveCount": 1}}
    again = [
        {**each, "id": each["id"] + shift, "previousEventId": each["previousEventId"] + shift}
        for each in rest
    ]
    again[0]["previousEventId"] = redriven["id"]

    found = verdict(SHOP, [*failed, redriven, *again])

    assert (found.outcome, found.status, told(found)) == ("same", "SUCCEEDED", [])
    assert found.notes == ("it was redriven; it was replayed as it went in the end",)


def drop_data(events: list[dict[str, Any]]) -> None:
    for event in events:
        for key, details in event.items():
            if key.endswith("EventDetails"):
                for name in ("input", "output", "parameters"):
                    details.pop(name, None)


def truncate(events: list[dict[str, Any]]) -> None:
    events[1]["stateEnteredEventDetails"]["inputDetails"] = {"truncated": True}


def rename(events: list[dict[str, Any]]) -> None:
    for event in events:
        for key, details in event.items():
            if key.endswith("EventDetails") and "name" in details:
                details["name"] = f"Other {details['name']}"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (drop_data, "was exported without data; get it with includeExecutionData"),
        (truncate, "event 2 holds only a part of its input"),
        (rename, "of another machine: none of its states is in the definition"),
        (lambda events: events.pop(0), "does not begin with ExecutionStarted"),
        (lambda events: events.clear(), "does not begin with ExecutionStarted"),
        (lambda events: events[0]["executionStartedEventDetails"].update(input="{"), "is not JSON"),
        (lambda events: events[-1].update(executionSucceededEventDetails={"output": 5}), "has no output"),
    ],
)
def test_a_history_that_cannot_be_replayed_is_named_with_why(damage: Any, words: str) -> None:
    events = history()
    damage(events)

    found = verdict(SHOP, events)

    assert found.outcome == "unknown"
    assert words in found.reason


def test_items_side_by_side_are_compared_one_by_one_whatever_their_order() -> None:
    inner = {
        "StartAt": "Each",
        "States": {"Each": call("each", Next="After"), "After": {"Type": "Pass", "End": True}},
    }
    mapping = {
        "QueryLanguage": "JSONata",
        "StartAt": "All",
        "States": {"All": {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": inner, "End": True}},
    }
    events = history(mapping)
    swapped = changed(
        lambda states: states["All"]["ItemProcessor"]["States"]["After"].update(End=False, Next="More"),
        mapping,
    )
    swapped["States"]["All"]["ItemProcessor"]["States"]["After"].pop("End")
    swapped["States"]["All"]["ItemProcessor"]["States"]["More"] = {"Type": "Pass", "End": True}

    assert verdict(mapping, events).outcome == "same"
    found = verdict(swapped, events)
    assert [each.what for each in found.departures] == ["in item 0 of 'All', after 'After' goes on to 'More'"]


def test_branches_side_by_side_may_end_in_any_order() -> None:
    branches = [
        {
            "StartAt": name,
            "States": {
                name: call(name.lower(), Next=f"{name} done"),
                f"{name} done": {"Type": "Pass", "End": True},
            },
        }
        for name in ("Charge", "Ship")
    ]
    both = {
        "QueryLanguage": "JSONata",
        "StartAt": "Both",
        "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}},
    }  # fmt: skip

    for seconds in ({"Charge": 5.0}, {"Ship": 5.0}, {}):
        assert verdict(both, history(both, seconds=seconds)).outcome == "same"


def test_a_callback_answers_whatever_its_token_is() -> None:
    waiting = changed(
        lambda states: states.update(
            Charge={
                "Type": "Task",
                "Resource": f"{LAMBDA_TOKEN}",
                "Arguments": {"FunctionName": "${charge}", "Payload": {"token": "{% $states.context.Task.Token %}"}},
                "Output": {"cents": 50},
                "Next": "Large?",
            }
        )
    )  # fmt: skip
    events = recorded_callback(waiting)

    found = verdict(waiting, events)

    assert (found.outcome, told(found)) == ("same", [])


LAMBDA_TOKEN = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def recorded_callback(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """A history in which the token is another one than in a replay."""
    from stepsmith import load

    execution = load(definition).run(
        {"cents": 50}, tasks=dict(ECHOING), responders={"Charge": lambda payload: {}}, seed=99
    )
    return [dict(each) for each in execution.history]


def test_a_nested_execution_is_answered_and_not_run() -> None:
    nested = changed(
        lambda states: states.update(
            Charge={
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Arguments": {"StateMachineArn": "${child}", "Input": "{% $states.input %}"},
                "Output": "{% $states.result.Output %}",
                "Next": "Large?",
            }
        )
    )
    from stepsmith import load

    child = load({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    execution = load(nested).run(
        {"cents": 50}, tasks=dict(ECHOING), machines={"child": child, "${child}": child}
    )
    assert execution.status == "SUCCEEDED"

    assert verdict(nested, [dict(each) for each in execution.history]).outcome == "same"


def test_a_distributed_map_is_answered_as_a_whole() -> None:
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Each",
        "States": {"Each": call("each", End=True)},
    }
    mapping = {
        "QueryLanguage": "JSONata",
        "StartAt": "All",
        "States": {
            "All": {"Type": "Map", "Items": [1, 2], "ItemProcessor": inner, "Next": "Ship"},
            "Ship": call("ship", End=True),
        },
    }
    events = history(mapping)

    found = verdict(mapping, events)

    assert (found.outcome, told(found)) == ("same", [])
    assert found.notes == (
        "'All' is answered as a whole: what its children did is in histories of their own",
    )


@pytest.mark.slow
def test_a_history_of_thousands_of_events_is_replayed_in_time_with_its_length() -> None:
    inner = {"StartAt": "Each", "States": {"Each": call("each", End=True)}}
    each = {
        "Type": "Map",
        "Items": "{% [1..500] %}",
        "ItemProcessor": inner,
        "MaxConcurrency": 40,
        "End": True,
    }
    mapping = {"QueryLanguage": "JSONata", "StartAt": "All", "States": {"All": each}}
    events = history(mapping)
    assert len(events) > 3500

    assert verdict(mapping, events).outcome == "same"
