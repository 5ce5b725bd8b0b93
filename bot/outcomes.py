"""What a platform's answer means for the ledger's row: sent; to be tried again, or read back; blocked; or parked."""

from bot.ledger import Delivery, Settlement
from bot.ports import Posting, World


def settlement_of(world: World, delivery: Delivery, posting: Posting) -> Settlement:
    """Return what the answer to a post, or a message that was found, means for the row."""
    now, timings = world.clock.now(), world.timings
    if posting.outcome == "accepted":
        again = now + timings.audit_after if delivery.attempts > 1 else None
        return Settlement("sent", message_id=posting.message_id, audit_at=again)
    if posting.outcome == "unclear":
        if posting.permanent:
            return Settlement("parked", error=posting.reason)
        return Settlement("sending", error=posting.reason, lease_until=now + timings.unsure_after(delivery.attempts))
    if posting.permanent:
        return Settlement("blocked", error=posting.reason)
    wait = timings.back_off_after(delivery.attempts)
    if posting.retry_after is not None and posting.retry_after.total_seconds() > 0:
        wait = posting.retry_after
    return Settlement("pending", error=posting.reason, due_at=now + wait)


def settlement_unsent(world: World, delivery: Delivery, posting: Posting) -> Settlement:
    """Return what an answer to reading back means for the row, when nothing was posted.

    Where it is unclear, the row waits, and is no more uncertain than before. It keeps its due time, by which it is
    known that it was due before this process began, and must be read back.
    """
    if posting.outcome == "unclear" and not posting.permanent:
        wait = world.timings.unsure_after(delivery.attempts)
        return Settlement("pending", error=posting.reason, lease_until=world.clock.now() + wait)
    return settlement_of(world, delivery, posting)


def settlement_of_spent(delivery: Delivery) -> Settlement:
    """Return what becomes of a row that was claimed over and over without anybody learning what came of it."""
    return Settlement(
        "parked", error=f"it was tried {delivery.attempts - 1} times, and nobody knows whether it arrived"
    )
