"""The errors of deployment.

StepsmithError
└── DeploymentError         a deployment that cannot be made, or that failed
    ├── PermissionUnknown   a state whose rights the definition does not tell
    └── PackageRefused      a folder that must not be packaged (names the path)
"""

from __future__ import annotations

from stepsmith.errors import StepsmithError


class DeploymentError(StepsmithError):
    """A deployment that cannot be made, or that failed."""


class PermissionUnknown(DeploymentError):
    """A state whose rights cannot be told from the definition; names the state and how to say them."""


class PackageRefused(DeploymentError):
    """A folder that must not be packaged; names the path."""
