from typing import Any

from stepsmith.asl import check
from tests.stepsmith.asl.machines import map_state, one_state, task


def errors(definition: Any, **options: Any) -> list[str]:
    return [str(finding) for finding in check(definition, **options) if finding.severity == "ERROR"]


def passes(**edges: str | None) -> dict[str, Any]:
    return {
        name: {"Type": "Pass", "Next": target} if target else {"Type": "Pass", "End": True}
        for name, target in edges.items()
    }


def test_a_start_that_is_not_there_is_named_and_so_is_the_state_that_nothing_leads_to() -> None:
    assert errors({"StartAt": "a", "States": passes(A="B", B=None)}) == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: a at /StartAt",
        'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
    ]


def test_a_machine_without_states_has_neither_start_nor_end() -> None:
    assert errors({"StartAt": "A", "States": {}}) == [
        "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt",
        "MISSING_END_STATE: Workflow has no terminal state at null",
    ]


def test_every_kind_of_transition_needs_its_target() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "X"}], "Default": "Y"}
    states = {
        "A": task(Catch=[{"ErrorEquals": ["E"], "Next": "V"}, {"ErrorEquals": ["F"], "Next": "W"}], Next="B"),
        "B": choice,
        "C": {"Type": "Succeed"},
    }

    found = errors({"StartAt": "A", "States": states})

    assert found[:4] == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: V at /States/A/Catch[0]/Next",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: W at /States/A/Catch[1]/Next",
        "MISSING_TRANSITION_TARGET: Missing 'Default' target: Y at /States/B/Default",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/B/Choices[0]/Next",
    ]


def test_a_state_that_nothing_leads_to_is_an_error() -> None:
    assert errors({"StartAt": "A", "States": passes(A="X", C="D", D=None)}) == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next",
        'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C',
    ]


def test_states_that_lead_to_each_other_are_accepted_and_remarked_on() -> None:
    definition = {"StartAt": "A", "States": passes(A=None, C="D", D="C", E="E")}

    assert errors(definition) == []
    assert [(finding.severity, finding.pointer, finding.rule) for finding in check(definition)] == [
        ("WARNING", "/States/C", "unreachable-state"),
        ("WARNING", "/States/D", "unreachable-state"),
        ("WARNING", "/States/E", "unreachable-state"),
    ]


def test_an_end_inside_a_branch_is_an_end() -> None:
    branch = {"StartAt": "B", "States": passes(B=None)}
    parallel = {"Type": "Parallel", "Branches": [branch], "Next": "A"}

    assert errors({"StartAt": "A", "States": {"A": parallel}}) == []


def test_a_machine_that_never_ends_is_an_error_that_hides_unreachable_states() -> None:
    assert errors({"StartAt": "A", "States": passes(A="B", B="A", C="B")}) == [
        "MISSING_END_STATE: Workflow has no terminal state at null"
    ]


def test_a_branch_may_run_for_ever() -> None:
    assert errors(one_state(map_state({"StartAt": "I", "States": passes(I="J", J="I")}))) == []


def test_transitions_stay_inside_their_scope() -> None:
    outward = one_state(map_state({"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "A"}}}))

    assert (
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /States/A/ItemProcessor/States/I/Next"
        in errors(outward)
    )


def test_names_of_states_are_unique_in_the_whole_machine_unless_it_is_express() -> None:
    definition = one_state(map_state({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))

    assert errors(definition) == [
        "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/ItemProcessor/States/A"
    ]
    assert errors(definition, type="EXPRESS") == []


def test_labels_are_unique() -> None:
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    first = map_state({**config, "StartAt": "I", "States": passes(I=None)}, Label="same", Next="B")
    del first["End"]
    second = map_state({**config, "StartAt": "J", "States": passes(J=None)}, Label="same")

    assert errors({"StartAt": "A", "States": {"A": first, "B": second}}) == [
        "DUPLICATE_LABEL_NAME: Duplicate Label name: same at /States/B/Label"
    ]
