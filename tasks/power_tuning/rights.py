"""What the tasks of power tuning may do once they are deployed: measure and change functions of this account.

The ARN in the input says in which region, so they may in all of them.

A payload in S3 lies in a bucket of the stack: `payloadS3` is `s3://tuning-payloads/KEY`, or has the bucket's own name.
"""

from typing import Final

from stepsmith.resources import Bucket, allow

_FUNCTIONS: Final = "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:*"
_VERSIONS: Final = f"{_FUNCTIONS}:*"

_CONFIGURATION: Final = ("lambda:GetFunction", "lambda:GetFunctionConfiguration")
_CONFIGURE: Final = (*_CONFIGURATION, "lambda:UpdateFunctionConfiguration")
_ALIAS: Final = ("lambda:CreateAlias", "lambda:GetAlias", "lambda:UpdateAlias")

PAYLOADS: Final = Bucket("tuning-payloads")
# without the right to list, S3 answers Forbidden for an object that is gone
_READ_PAYLOAD: Final = allow("s3:GetObject", "s3:ListBucket", on=PAYLOADS)

PLAN: Final = [
    allow("lambda:GetFunctionConfiguration", "lambda:ListVersionsByFunction", on=_FUNCTIONS),
    _READ_PAYLOAD,
]
PUBLISH: Final = [allow(*_CONFIGURE, "lambda:ListVersionsByFunction", "lambda:PublishVersion", on=_FUNCTIONS)]
RESTORE: Final = [allow(*_CONFIGURE, on=_FUNCTIONS)]
MEASURE: Final = [allow(*_CONFIGURATION, "lambda:InvokeFunction", on=_FUNCTIONS), _READ_PAYLOAD]
OPTIMISE: Final = [allow(*_CONFIGURE, "lambda:PublishVersion", *_ALIAS, on=_FUNCTIONS)]
CLEAN_UP: Final = [
    allow(*_CONFIGURE, "lambda:ListVersionsByFunction", on=_FUNCTIONS),
    allow("lambda:DeleteFunction", on=_VERSIONS),
]
