"""Count a swipe at a vending machine, wait for the slow back end, and give a free drink when it is earned.

Started by the machine with a swipe, and an execution identifier that is the same when a delivery is repeated; the
same swipe in another execution, or once it has ended, is answered as REPEATED and changes nothing. Gives how the
swipe ended: COUNTED, or FLAGGED when the back end never showed the points, which somebody finds in the attention
queue. Stores the points, a voucher for each free drink, and that end with the swipe. Fifty points are one free drink,
given by the first swipe that can: where it is flagged or fails, or the machine refuses, the drink is withdrawn and
the next swipe gives it. Fails with whatever broke: the swipe then is FAILED, and a voucher that the machine was not
told of is withdrawn. Where that fails too, fails with CompensationFailed, the swipe is FLAGGED, and somebody finds it
in the attention queue. The first end stands: an execution that comes to another one fails with Conflict. Has no time
limit of its own: it waits 90 seconds once, and every task has a timeout. Where it is aborted, `vending_pass_ended`
ends the swipe.

Costs of the wait: `python -m tasks.vending_pass.costs`.
"""

from datetime import timedelta

from stepsmith import wait, workflow
from tasks.errors import CompensationFailed, Conflict, InvalidInput
from tasks.vending import call_attention
from tasks.vending_pass.drinks import issue_free_drink, tell_machine, withdraw_free_drink
from tasks.vending_pass.models import (
    DrinkTaken,
    ExecutionId,
    MachineRefused,
    NotYetThere,
    Swipe,
    SwipeOutcome,
    SwipeStatus,
)
from tasks.vending_pass.swipes import (
    count_points,
    record_swipe,
    register_swipe,
    update_participant,
    verify_participant,
)
from workflows.vending_pass_ended import vending_pass_ended

SETTLE = timedelta(seconds=90)


@workflow(checked=True, ended=vending_pass_ended, refusals=(InvalidInput, Conflict))
def vending_pass(swipe: Swipe, execution_id: ExecutionId) -> SwipeOutcome:
    """Count one swipe at a vending machine."""
    promised = False
    try:
        if not register_swipe(swipe, execution_id):
            return SwipeOutcome(status=SwipeStatus.REPEATED, points=0, free_drink=False)
        counted = count_points(swipe.swipe_id, swipe.participant)
        wait(SETTLE)
        update_participant(swipe.participant, counted.points)
        status = SwipeStatus.COUNTED
        free_drink = counted.free_drink
        try:
            verify_participant(swipe.participant, counted.points)
        except NotYetThere as error:
            status = SwipeStatus.FLAGGED
            call_attention(f"swipe {swipe.swipe_id}", str(error))
        promised = free_drink
        if free_drink and status == SwipeStatus.FLAGGED:
            free_drink = not withdraw_free_drink(swipe.swipe_id, swipe.participant)
        elif free_drink:
            try:
                issue_free_drink(swipe.swipe_id, swipe.participant)
                tell_machine(swipe.swipe_id, swipe.machine)
            except (DrinkTaken, MachineRefused):
                free_drink = not withdraw_free_drink(swipe.swipe_id, swipe.participant)
            promised = False
        record_swipe(swipe.swipe_id, execution_id, status)
    except Exception:
        ended = SwipeStatus.FAILED
        stuck: list[str] = []
        if promised:
            try:
                withdraw_free_drink(swipe.swipe_id, swipe.participant)
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
    return SwipeOutcome(status=status, points=counted.points, free_drink=free_drink)
