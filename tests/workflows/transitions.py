"""Transitions of the machines of the repository as one would draw them by hand, on every route of the scenes.

Counted on paper: a state for each call, wait, decision and Parallel of a route, and one for the error that it ends
with. For power tuning with five powers it is the definition of aws-lambda-power-tuning itself that is run.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from stepsmith.service import load
from tasks.power_tuning import handlers
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda, Objects
from tests.workflows.scenes import SCENES, play
from workflows.power_tuning import power_tuning

BY_HAND: Final[Mapping[str, Mapping[str, int]]] = {
    "customer_onboarding": {
        "approved": 23,
        "denied": 17,
        "approved by hand": 29,
        "rejected by hand": 23,
        "escalated": 35,
        "expired": 16,
        "no consent": 10,
        "broken": 26,
        "broken, not told": 27,
        "stuck": 26,
        "not told": 24,
    },
    "shopping_cart": {
        "bought": 13,
        "confirmed": 15,
        "declined": 15,
        "out of stock": 14,
        "stuck": 17,
        "not recorded": 15,
        "refusal not recorded": 11,
        "not cleared": 14,
        "not told": 14,
    },
    "vending_pass": {"free drink": 10, "machine refuses": 11, "broken": 7, "stuck": 15},
    "delayed_vending": {"sold": 4, "jammed": 4, "broken": 6, "stuck": 7},
    "image_recognition": {
        "recognised": 10,
        "not registered": 3,
        "gone": 4,
        "bomb": 4,
        "broken": 10,
        "no analysis": 11,
    },
    "image_recognition_ended": {"ended": 1, "overtaken": 1, "stuck": 3},
    "content_ingest": {
        "taken in": 12,
        "without a picture": 9,
        "taken in before": 3,
        "not opened": 1,
        "gone": 5,
        "too large": 5,
        "unsupported": 5,
        "corrupt": 5,
        "not read": 5,
        "not kept": 12,
        "not looked at": 16,
        "not labelled": 15,
        "not indexed": 15,
    },
    "content_ingest_ended": {"ended": 1, "overtaken": 1, "stuck": 3},
    "content_refresh": {"counted": 1},
}
POWERS: Final = [128, 256, 512, 1024, 2048]
REFERENCE: Final = Path(__file__).with_name("power_tuning_reference.asl.json")


def routes() -> Iterator[tuple[str, str]]:
    """Give the workflow and the name of every route."""
    for scene in SCENES.values():
        for route in scene.routes if scene.name in BY_HAND else ():
            yield scene.name, route


def path_of(workflow: str, route: str) -> list[str]:
    """Give the states that a route enters."""
    scene = SCENES[workflow]
    with scene.routes[route]() as world:
        return list(play(scene, world).execution.path)


def tuning_by_hand() -> list[str]:
    """Give the states that aws-lambda-power-tuning enters for five powers."""
    lambda_, fixed = FaultyLambda(), handlers.Settings(region="eu-west-1")
    functions: dict[str, Any] = {
        "initializer": lambda event: handlers.initializer(event, lambda_=lambda_, settings=fixed),
        "publisher": lambda event: handlers.publisher(event, lambda_=lambda_),
        "executor": lambda event: handlers.executor(
            event, lambda_=lambda_, s3=Objects(), settings=fixed, sleep=lambda_.sleep
        ),
        "cleaner": lambda event: handlers.cleaner(event, lambda_=lambda_),
        "analyzer": lambda event: handlers.analyzer(event, settings=fixed),
        "optimizer": lambda event: handlers.optimizer(event, lambda_=lambda_),
    }
    definition = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return list(load(definition).run(_tuning(), tasks=functions).path)


def tuning_compiled() -> list[str]:
    """Give the states that the workflow enters for five powers."""
    clients = {"lambda": FaultyLambda(), "s3": Objects()}
    machine = load(json.loads(power_tuning.definition.to_json()))
    return list(machine.run(_tuning(), tasks=power_tuning.tasks, clients=clients).path)


def _tuning() -> dict[str, Any]:
    return {"lambdaARN": ARN, "num": 5, "powerValues": POWERS}
