"""Which errors a workflow can meet, by what its module and those of its tasks have imported."""

import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from stepsmith import Retry, WorkflowError, services
from stepsmith.authoring.values.reach import Reach, reach_of
from stepsmith.authoring.values.types import error_names

NAMES = ("shop", "shop_tasks", "shop_errors", "bank", "lazy_errors")


class Refused(WorkflowError):
    """Somebody says no."""


@pytest.fixture
def modules() -> Iterator[dict[str, ModuleType]]:
    """Modules as a project has them: nobody uses the bank, and errors are below one that all know."""
    made = {name: ModuleType(name) for name in NAMES}
    sys.modules.update(made)
    for name in NAMES[2:]:
        title = name.title().replace("_", "")
        made[name].__dict__[title] = type(title, (Refused,), {"__module__": name})
    yield made
    for name in NAMES:
        del sys.modules[name]


def sell() -> None:
    """Stand for a workflow."""


def shop(modules: dict[str, ModuleType]) -> Reach:
    """Give what a workflow in the shop reaches."""
    function = FunctionType(sell.__code__, modules["shop"].__dict__)
    function.__module__ = "shop"
    return reach_of(function)


def names(modules: dict[str, ModuleType]) -> tuple[str, ...]:
    return error_names(Refused, shop(modules))


def test_what_nobody_uses_is_out_of_reach_although_it_has_been_imported(
    modules: dict[str, ModuleType],
) -> None:
    everything = error_names(Refused)

    assert {"Bank", "ShopErrors"} <= set(everything)
    assert names(modules) == ("Refused",)


def test_a_module_reaches_what_the_modules_that_it_uses_have_imported(modules: dict[str, ModuleType]) -> None:
    modules["shop"].__dict__["tasks"] = modules["shop_tasks"]
    modules["shop_tasks"].__dict__["Problem"] = modules["shop_errors"].__dict__["ShopErrors"]

    assert names(modules) == ("Refused", "ShopErrors")


def test_modules_that_use_each_other_are_looked_at_once(modules: dict[str, ModuleType]) -> None:
    modules["shop"].__dict__["tasks"] = modules["shop_tasks"]
    modules["shop_tasks"].__dict__["shop"] = modules["shop"]
    modules["shop_tasks"].__dict__["bank"] = modules["bank"]

    assert names(modules) == ("Refused", "Bank")


def test_what_is_imported_inside_a_function_is_within_reach(modules: dict[str, ModuleType]) -> None:
    def pay() -> object:
        def inner() -> str:
            return sys.platform

        return inner

    inner = next(each for each in pay.__code__.co_consts if isinstance(each, CodeType))
    importing = inner.replace(co_names=("lazy_errors",))  # as `import lazy_errors` in it has it
    modules["shop_tasks"].__dict__["pay"] = FunctionType(
        pay.__code__.replace(co_consts=(None, importing)), {}
    )
    modules["shop_tasks"].__dict__["pay"].__module__ = "shop_tasks"
    modules["shop"].__dict__["pay"] = modules["shop_tasks"].__dict__["pay"]

    assert names(modules) == ("Refused", "LazyErrors")


def test_a_task_reaches_what_its_function_comes_from(modules: dict[str, ModuleType]) -> None:
    class Wrapped:
        """Looks like a task: an object with the module of its function."""

    task = Wrapped()
    task.__module__ = "shop_errors"
    modules["shop"].__dict__["task"] = task

    assert names(modules) == ("Refused", "ShopErrors")


def test_nothing_is_asked_of_what_a_module_holds(modules: dict[str, ModuleType]) -> None:
    class Touchy:
        """Answers to no name."""

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    modules["shop"].__dict__["touchy"] = Touchy()

    assert names(modules) == ("Refused",)


def test_of_an_installed_package_every_module_is_within_reach(modules: dict[str, ModuleType]) -> None:
    modules["bank"].__dict__["__file__"] = "/lib/python3/site-packages/bank/__init__.py"
    modules["shop"].__dict__["bank"] = modules["bank"]

    found = shop(modules)

    assert (found.modules, found.packages) == ({"shop"}, {"bank"})
    assert type("Late", (Refused,), {"__module__": "bank.faults"}) in found


@pytest.mark.parametrize(
    "error", [KeyError, WorkflowError, *services.dynamodb.ResourceNotFoundException.__subclasses__()]
)
def test_errors_of_python_and_of_stepsmith_are_always_within_reach(error: type[Exception]) -> None:
    assert error in Reach(frozenset(), frozenset())


def test_a_retrier_names_what_is_within_reach(modules: dict[str, ModuleType]) -> None:
    modules["shop"].__dict__["errors"] = modules["shop_errors"]
    policy = Retry.on(Refused)

    assert policy.retrier(shop(modules)).error_equals == ("Refused", "ShopErrors")
    assert set(policy.retrier().error_equals) > {"Refused", "ShopErrors"}


def test_a_workflow_whose_module_nobody_can_import_reaches_what_it_names(
    modules: dict[str, ModuleType],
) -> None:
    function = FunctionType(sell.__code__, {"errors": modules["shop_errors"]})
    function.__module__ = "typed_somewhere"

    assert error_names(Refused, reach_of(function)) == ("Refused", "ShopErrors")
