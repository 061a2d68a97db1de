import json

import pytest
from hypothesis import given

from stepsmith.asl import parse, render, render_state, to_json
from stepsmith.asl.model import Choice, ChoiceRule, Pass, StateMachine, Succeed, Task
from stepsmith.asl.model import Retrier as RetrierModel
from stepsmith.expressions.types import UNDEFINED, Json
from tests.stepsmith.asl.machines import FUNCTION, machines


@pytest.mark.slow
@given(machines())
def test_what_is_rendered_is_parsed_again(machine: StateMachine) -> None:
    assert parse(render(machine)) == machine
    assert parse(to_json(machine)) == machine


@pytest.mark.slow
@given(machines())
def test_the_text_of_a_machine_is_always_the_same(machine: StateMachine) -> None:
    text = to_json(machine)

    assert to_json(parse(text)) == text
    assert json.loads(text) == render(machine)
    assert text.endswith("}\n")


def test_fields_come_in_a_fixed_order_and_absent_ones_not_at_all() -> None:
    machine = StateMachine(
        start_at="Greet",
        query_language="JSONata",
        comment="Grüße",
        states={
            "Greet": Task(
                next="Check",
                assign={"a": 1},
                output="{% $states.result %}",
                arguments={"name": "x"},
                resource=FUNCTION,
                retry=(RetrierModel(backoff_rate=2, error_equals=("States.ALL",)),),
            ),
            "Check": Choice(
                choices=(ChoiceRule(next="Done", condition="{% $a = 1 %}", output=None),), default="Done"
            ),
            "Done": Succeed(),
        },
    )

    assert to_json(machine) == (
        "{\n"
        '  "Comment": "Grüße",\n'
        '  "QueryLanguage": "JSONata",\n'
        '  "StartAt": "Greet",\n'
        '  "States": {\n'
        '    "Greet": {\n'
        '      "Type": "Task",\n'
        f'      "Resource": "{FUNCTION}",\n'
        '      "Arguments": {\n'
        '        "name": "x"\n'
        "      },\n"
        '      "Assign": {\n'
        '        "a": 1\n'
        "      },\n"
        '      "Output": "{% $states.result %}",\n'
        '      "Retry": [\n'
        "        {\n"
        '          "ErrorEquals": [\n'
        '            "States.ALL"\n'
        "          ],\n"
        '          "BackoffRate": 2\n'
        "        }\n"
        "      ],\n"
        '      "Next": "Check"\n'
        "    },\n"
        '    "Check": {\n'
        '      "Type": "Choice",\n'
        '      "Choices": [\n'
        "        {\n"
        '          "Condition": "{% $a = 1 %}",\n'
        '          "Output": null,\n'
        '          "Next": "Done"\n'
        "        }\n"
        "      ],\n"
        '      "Default": "Done"\n'
        "    },\n"
        '    "Done": {\n'
        '      "Type": "Succeed"\n'
        "    }\n"
        "  }\n"
        "}\n"
    )


def test_null_is_a_value_and_absence_is_not() -> None:
    assert render_state(Pass(input_path=None, output_path=UNDEFINED, result=None, end=True)) == {
        "Type": "Pass",
        "InputPath": None,
        "Result": None,
        "End": True,
    }


def test_values_are_shared_with_the_model() -> None:
    result: Json = {"big": [1, 2, 3]}

    assert render_state(Pass(result=result, end=True))["Result"] is result
