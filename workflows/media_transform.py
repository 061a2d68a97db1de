"""Make a picture that somebody asks for, unless it is there already, and keep it.

Started by functions that answer addresses (`tasks.media.http`), once for all who ask for the same picture at a time.
Takes what follows the route in the address, its query, and the header Accept; both are decoded. Gives where the picture
lies and what it is, and stores it in the bucket `media-pictures`, `derived/<hash of the transform>/<key>.<extension>`,
with the ETag of the original that it was made of.
Fails with InvalidInput for what cannot be read or done, Forbidden for what has to be signed, NotFound, TooLarge,
Unsupported or Corrupt for the original, Conflict where the original was replaced twice meanwhile, and Throttled or
Unavailable where S3 does not answer. Stores no record: nobody asks for anything but the picture, and an execution that
was aborted leaves nothing behind. Has no time limit of its own: nothing waits, and every task has one.
"""

from stepsmith import now, workflow
from tasks.errors import Conflict, Corrupt, Forbidden, InvalidInput, NotFound, TooLarge, Unsupported
from tasks.media.models import Accept, Derived, Path, Query
from tasks.media.steps import (
    inspect_original,
    look_up_derived,
    look_up_original,
    parse_request,
    render_and_store,
)

look_up_original_again = look_up_original.with_options(name="Look up original again")
render_again = render_and_store.with_options(name="Render again")


@workflow(
    checked=True,
    refusals=(InvalidInput, Forbidden, NotFound, TooLarge, Unsupported, Corrupt, Conflict),
)
def media_transform(path: Path, query: Query = None, accept: Accept = "") -> Derived:
    """Make a picture that somebody asks for, unless it is there already, and keep it."""
    request = parse_request(path, query, accept, now=now())
    original = look_up_original(request)
    found = look_up_derived(request, original)
    if found is not None:
        return found
    try:
        inspect_original(request, original)
        return render_and_store(request, original)
    except Conflict:
        replaced = look_up_original_again(request)
        return render_again(request, replaced)
