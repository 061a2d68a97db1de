"""Count a swipe at a vending machine, wait for the slow back end, and give a free drink when it is earned.

Started by the machine with a swipe; the same swipe again is answered as REPEATED and changes nothing. Gives how the
swipe ended: COUNTED, or FLAGGED when the back end never showed the points, which somebody then looks at. A free drink
that the machine refuses to give is withdrawn again. Costs of the wait: `python -m tasks.vending_pass.costs`.
"""

from datetime import timedelta

from stepsmith import wait, workflow
from tasks.vending_pass.models import (
    FREE_DRINK_FROM,
    POINTS_PER_SWIPE,
    MachineRefused,
    NotYetThere,
    Swipe,
    SwipeOutcome,
    SwipeStatus,
)
from tasks.vending_pass.swipes import (
    count_points,
    issue_free_drink,
    record_swipe,
    register_swipe,
    tell_machine,
    update_participant,
    verify_participant,
    withdraw_free_drink,
)

SETTLE = timedelta(seconds=90)


@workflow
def vending_pass(swipe: Swipe, execution_id: str) -> SwipeOutcome:
    """Count one swipe at a vending machine."""
    if not register_swipe(swipe.swipe_id, execution_id):
        return SwipeOutcome(status=SwipeStatus.REPEATED, points=0, free_drink=False)
    points = count_points(swipe.swipe_id, swipe.participant)
    wait(SETTLE)
    update_participant(swipe.participant, points)
    try:
        verify_participant(swipe.participant, points)
    except NotYetThere:
        record_swipe(swipe.swipe_id, SwipeStatus.FLAGGED)
        return SwipeOutcome(status=SwipeStatus.FLAGGED, points=points, free_drink=False)
    free_drink = points >= FREE_DRINK_FROM and points - POINTS_PER_SWIPE < FREE_DRINK_FROM
    if free_drink:
        issue_free_drink(swipe.swipe_id)
        try:
            tell_machine(swipe.swipe_id, swipe.machine)
        except MachineRefused:
            withdraw_free_drink(swipe.swipe_id)
            free_drink = False
    record_swipe(swipe.swipe_id, SwipeStatus.COUNTED)
    return SwipeOutcome(status=SwipeStatus.COUNTED, points=points, free_drink=free_drink)
