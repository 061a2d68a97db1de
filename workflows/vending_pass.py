"""Count a swipe at a vending machine, wait for the slow back end, and give a free drink when it is earned.

Started by the machine with a swipe, and an execution identifier that is the same when a delivery is repeated; the same
swipe in another execution, or once it has ended, is answered as REPEATED and changes nothing. Gives how the swipe
ended: COUNTED, or FLAGGED when the back end never showed the points, which somebody then looks at. Stores the points, a
voucher for each free drink, and that end with the swipe. A free drink that the machine refuses to give is withdrawn
again. Fails with whatever broke: the swipe then is FAILED, and a voucher that may not have been given is withdrawn.
Where that fails too, fails with CompensationFailed, the swipe is FLAGGED, and somebody finds it in the attention queue.
Has no time limit of its own: it waits 90 seconds once, and every task has a timeout.

Costs of the wait: `python -m tasks.vending_pass.costs`.
"""

from datetime import timedelta

from stepsmith import wait, workflow
from tasks.errors import CompensationFailed
from tasks.vending import call_attention
from tasks.vending_pass.models import (
    FREE_DRINK_FROM,
    POINTS_PER_SWIPE,
    ExecutionId,
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


@workflow(checked=True)
def vending_pass(swipe: Swipe, execution_id: ExecutionId) -> SwipeOutcome:
    """Count one swipe at a vending machine."""
    promised = False
    try:
        if not register_swipe(swipe, execution_id):
            return SwipeOutcome(status=SwipeStatus.REPEATED, points=0, free_drink=False)
        points = count_points(swipe.swipe_id, swipe.participant)
        wait(SETTLE)
        update_participant(swipe.participant, points)
        status = SwipeStatus.COUNTED
        try:
            verify_participant(swipe.participant, points)
        except NotYetThere:
            status = SwipeStatus.FLAGGED
        reached = points >= FREE_DRINK_FROM and points - POINTS_PER_SWIPE < FREE_DRINK_FROM
        free_drink = reached and status == SwipeStatus.COUNTED
        if free_drink:
            promised = True
            issue_free_drink(swipe.swipe_id)
            try:
                tell_machine(swipe.swipe_id, swipe.machine)
            except MachineRefused:
                withdraw_free_drink(swipe.swipe_id)
                free_drink = False
            promised = False
        record_swipe(swipe.swipe_id, execution_id, status)
    except Exception:
        ended = SwipeStatus.FAILED
        stuck: list[str] = []
        if promised:
            try:
                withdraw_free_drink(swipe.swipe_id)
            except Exception as problem:
                ended = SwipeStatus.FLAGGED
                stuck = [*stuck, f"free drink: {problem}"]
        try:
            record_swipe(swipe.swipe_id, execution_id, ended)
        except Exception as problem:
            stuck = [*stuck, f"outcome: {problem}"]
        if stuck:
            try:
                call_attention(f"swipe {swipe.swipe_id}", "; ".join(stuck))
            except Exception as unheard:
                raise CompensationFailed(f"not everything could be undone, and nobody was told: {unheard}")
            raise CompensationFailed("not everything could be undone; see the attention queue")
        raise
    return SwipeOutcome(status=status, points=points, free_drink=free_drink)
