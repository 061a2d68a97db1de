"""A classifier of pictures that needs no account and no network: 1,000 kinds of objects, in numpy (extra `labels`)."""

from stepsmith.integrations.clients.classifier.recognition import (
    ENGINE,
    Found,
    Recognition,
    installed_classifier,
    likeness,
)

__all__ = ["ENGINE", "Found", "Recognition", "installed_classifier", "likeness"]
