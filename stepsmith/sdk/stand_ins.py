"""Stand-ins for modules that the SDK imports at once and needs for SageMaker alone."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Final

from stepsmith.integrations import MissingPackage

_SAGEMAKER: Final = {
    "sagemaker": (),
    "sagemaker.model": ("FrameworkModel", "Model"),
    "sagemaker.model_monitor": ("DataCaptureConfig",),
    "sagemaker.pipeline": ("PipelineModel",),
    "sagemaker.sklearn": (),
    "sagemaker.sklearn.estimator": ("SKLearn",),
    "sagemaker.utils": ("base_name_from_image",),
    "sagemaker.workflow": (),
    "sagemaker.workflow.airflow": (
        "model_config",
        "processing_config",
        "training_config",
        "transform_config",
        "tuning_config",
    ),
}
"""Module -> what the SDK takes from it; all of it is gone in sagemaker 3."""


@contextmanager
def standing_in() -> Generator[None]:
    """Have stand-ins for what is absent or too new while the block runs, and take them away afterwards."""
    made = _needed()
    tops = {name.partition(".")[0] for name in made}
    displaced = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in tops}
    for name in displaced:
        del sys.modules[name]
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in made:
            sys.modules.pop(name, None)
        sys.modules.update(displaced)


def _needed() -> dict[str, ModuleType]:
    made: dict[str, ModuleType] = {}
    if not _has_old_sagemaker():
        made.update({name: _module(name, names) for name, names in _SAGEMAKER.items()})
    if sys.modules.get("pkg_resources") is None:
        # the real one, where it is there, adds to sys.path and warns
        made["pkg_resources"] = _pkg_resources()
    return made


def _has_old_sagemaker() -> bool:
    try:
        version = metadata.version("sagemaker")
    except metadata.PackageNotFoundError:
        return False
    return version.partition(".")[0] in ("1", "2") and find_spec("sagemaker") is not None


def _module(name: str, names: tuple[str, ...]) -> ModuleType:
    module = ModuleType(name)
    for member in names:
        setattr(module, member, _absent(f"{name}.{member}"))
    return module


def _absent(what: str) -> type:
    """Make what can be imported and asked about, but not be called."""

    def refuse(*_: object, **__: object) -> object:
        raise MissingPackage(f"{what} needs sagemaker before version 3: pip install 'stepsmith[sdk]'")

    return type(what.rpartition(".")[2], (), {"__new__": refuse})


def _pkg_resources() -> ModuleType:
    """Make the one function that the SDK asks for its version; setuptools 82 has no such module any more."""

    def require(name: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(version=metadata.version(name))]

    module = ModuleType("pkg_resources")
    vars(module)["require"] = require
    return module
