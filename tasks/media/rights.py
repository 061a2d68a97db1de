"""What the tasks of media transformation may do once they are deployed, and what is deployed with them."""

from typing import Final

from stepsmith.resources import Bucket, Parameter, StateMachine, allow

ORIGINALS: Final = "media-originals"
PICTURES: Final = "media-pictures"
MACHINE: Final = "media_transform"
ORIGINALS_BUCKET: Final = Bucket(ORIGINALS)
"""Where pictures are uploaded; nobody reads it but the tasks."""
PICTURES_BUCKET: Final = Bucket(PICTURES)
"""Where what was made of them is kept: `derived/<hash of the transform>/<key>.<extension>`."""

SECRET: Final = Parameter("media-secret", default="")
"""What addresses are signed with; empty where nobody has to sign."""
PRESETS: Final = Parameter("media-presets", default="")
"""What may be asked for without a signature, in the form of paths and apart by spaces; empty for everything."""
MAX_AGE: Final = Parameter("media-max-age", default="0")
"""Seconds in which clients need not ask again; 0 where a replaced original is to be seen at once."""

ASKING: Final = {each.variable: each for each in (SECRET, PRESETS)}
ANSWERING: Final = {**ASKING, MAX_AGE.variable: MAX_AGE}

# without the right to list, S3 answers Forbidden for an object that is not there
LOOK_UP_ORIGINAL: Final = [allow("s3:GetObject", "s3:ListBucket", on=ORIGINALS_BUCKET)]
LOOK_UP_DERIVED: Final = [allow("s3:GetObject", "s3:ListBucket", on=PICTURES_BUCKET)]
STORE_DERIVED: Final = [*LOOK_UP_DERIVED, allow("s3:PutObject", on=PICTURES_BUCKET)]
TRANSFORM: Final = [*LOOK_UP_ORIGINAL, *STORE_DERIVED]
START: Final = [allow("states:StartExecution", "states:DescribeExecution", on=StateMachine(MACHINE))]
READ: Final = [*LOOK_UP_ORIGINAL, *LOOK_UP_DERIVED]
ANSWER: Final = [*READ, *START]
LIST_ORIGINALS: Final = [allow("s3:ListBucket", on=ORIGINALS_BUCKET)]
STORE_ORIGINAL: Final = [allow("s3:PutObject", on=ORIGINALS_BUCKET)]
