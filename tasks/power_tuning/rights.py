"""What the tasks of power tuning may do once they are deployed: measure and change functions of this account.

A payload in S3 needs `s3:GetObject` on its bucket besides, which only the project that tunes can know.
"""

from typing import Final

from stepsmith.resources import allow

_FUNCTIONS: Final = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"
_VERSIONS: Final = f"{_FUNCTIONS}:*"

_CONFIGURATION: Final = ("lambda:GetFunction", "lambda:GetFunctionConfiguration")
_CONFIGURE: Final = (*_CONFIGURATION, "lambda:UpdateFunctionConfiguration")
_ALIAS: Final = ("lambda:CreateAlias", "lambda:GetAlias", "lambda:UpdateAlias")

PLAN: Final = [allow("lambda:GetFunctionConfiguration", "lambda:ListVersionsByFunction", on=_FUNCTIONS)]
PUBLISH: Final = [allow(*_CONFIGURE, "lambda:ListVersionsByFunction", "lambda:PublishVersion", on=_FUNCTIONS)]
RESTORE: Final = [allow(*_CONFIGURE, on=_FUNCTIONS)]
MEASURE: Final = [allow(*_CONFIGURATION, "lambda:InvokeFunction", on=_FUNCTIONS)]
OPTIMISE: Final = [allow(*_CONFIGURE, "lambda:PublishVersion", *_ALIAS, on=_FUNCTIONS)]
CLEAN_UP: Final = [
    allow(*_CONFIGURE, "lambda:ListVersionsByFunction", on=_FUNCTIONS),
    allow("lambda:DeleteFunction", on=_VERSIONS),
]
