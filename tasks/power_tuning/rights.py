"""What the tasks of power tuning may do once they are deployed: measure and change functions of this account.

A payload in S3 needs `s3:GetObject` on its bucket besides, which only the project that tunes can know.
"""

from typing import Final

from stepsmith.resources import allow

_FUNCTIONS: Final = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"
_VERSIONS: Final = f"{_FUNCTIONS}:*"

_LOOK: Final = (
    "lambda:GetAlias",
    "lambda:GetFunction",
    "lambda:GetFunctionConfiguration",
    "lambda:ListVersionsByFunction",
)
_CHANGE: Final = (
    "lambda:CreateAlias",
    "lambda:PublishVersion",
    "lambda:UpdateAlias",
    "lambda:UpdateFunctionConfiguration",
)
LOOK: Final = [allow(*_LOOK, "lambda:InvokeFunction", on=_FUNCTIONS)]
CHANGE: Final = [allow(*_LOOK, *_CHANGE, "lambda:InvokeFunction", on=_FUNCTIONS)]
MEASURE: Final = [allow(*_LOOK, "lambda:InvokeFunction", on=_FUNCTIONS)]
CLEAN_UP: Final = [
    allow(*_LOOK, *_CHANGE, "lambda:DeleteAlias", on=_FUNCTIONS),
    allow("lambda:DeleteFunction", on=_VERSIONS),
]
