"""The import of the SDK, shown with small packages that do at import what the SDK and sagemaker do."""

import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from stepsmith.integrations import MissingPackage
from stepsmith.sdk import import_sdk

TOUCHED = {"stepfunctions", "sagemaker", "pkg_resources"}
LIKE_THE_SDK = """
import logging, sys, warnings
import pkg_resources
import sagemaker
from sagemaker.workflow.airflow import training_config
from sagemaker.model import Model, FrameworkModel

__version__ = pkg_resources.require("stepfunctions")[0].version
logging.getLogger().setLevel(logging.ERROR)
logging.getLogger().addHandler(logging.NullHandler())
logging.getLogger("sagemaker.config").critical("not applying defaults")
sys.excepthook = print
warnings.warn("deprecated", UserWarning)
warnings.simplefilter("ignore")
is_a_model = isinstance(object(), Model)
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages that are imported before all others; sagemaker and pkg_resources are hidden."""
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in TOUCHED}
    for name in kept:
        del sys.modules[name]
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "sagemaker", None)
    monkeypatch.setitem(sys.modules, "pkg_resources", None)

    yield tmp_path

    for name in [name for name in sys.modules if name.partition(".")[0] in TOUCHED]:
        del sys.modules[name]
    monkeypatch.undo()
    sys.modules.update(kept)


def install(folder: Path, name: str, version: str, code: str) -> None:
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_without_the_sdk_the_error_names_the_extra(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stepfunctions", None)

    with pytest.raises(MissingPackage) as caught:
        import_sdk()

    assert str(caught.value) == "the stepfunctions SDK is not installed: pip install 'stepsmith[sdk]'"


def test_what_the_sdk_needs_and_lacks_is_named(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", "import a_package_that_is_not_there")

    with pytest.raises(MissingPackage) as caught:
        import_sdk()

    assert str(caught.value) == (
        "the stepfunctions SDK needs a_package_that_is_not_there: pip install 'stepsmith[sdk]'"
    )


def test_an_import_that_fails_leaves_nothing_behind(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", "import sagemaker\nraise OSError('disk')")

    with pytest.raises(OSError, match="disk"):
        import_sdk()

    assert "stepfunctions" not in sys.modules
    assert sys.modules["sagemaker"] is None


def test_what_the_import_does_to_the_process_is_undone(
    packages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(packages, "stepfunctions", "2.3.0", LIKE_THE_SDK)
    root = logging.getLogger()
    before = (root.level, list(root.handlers), root.manager.disable, sys.excepthook, list(warnings.filters))

    import_sdk()

    after = (root.level, list(root.handlers), root.manager.disable, sys.excepthook, list(warnings.filters))
    assert after == before
    assert capsys.readouterr() == ("", "")


def test_it_is_undone_too_when_the_import_fails(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", LIKE_THE_SDK + "\nraise OSError('disk')")
    level, hook = logging.getLogger().level, sys.excepthook

    with pytest.raises(OSError, match="disk"):
        import_sdk()

    assert (logging.getLogger().level, sys.excepthook) == (level, hook)


def test_the_shell_of_a_notebook_keeps_its_tracebacks(
    packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shell:
        def showtraceback(self) -> str:
            return "its own"

    shell = Shell()
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined] # what the module is made for
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    install(
        packages,
        "stepfunctions",
        "2.3.0",
        "import IPython\nIPython.get_ipython().showtraceback = lambda: 'taken over'",
    )

    import_sdk()

    assert shell.showtraceback() == "its own"
    assert vars(shell) == {}


def test_the_version_is_known_without_pkg_resources(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", LIKE_THE_SDK)

    assert import_sdk().__version__ == "2.3.0"


def test_the_stand_ins_are_gone_afterwards(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", LIKE_THE_SDK)

    import_sdk()

    assert "sagemaker.model" not in sys.modules
    assert sys.modules["pkg_resources"] is None
    assert find_spec("pkg_resources") is None


def test_a_stand_in_can_be_asked_about_but_not_called(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", LIKE_THE_SDK)

    sdk = import_sdk()

    assert sdk.is_a_model is False
    with pytest.raises(
        MissingPackage, match=r"sagemaker.workflow.airflow.training_config needs sagemaker before"
    ):
        sdk.training_config("estimator")
    with pytest.raises(MissingPackage, match=r"sagemaker.model.Model needs sagemaker before version 3"):
        sdk.Model()


def test_a_sagemaker_that_is_too_new_stays_what_it_is(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", LIKE_THE_SDK)
    install(packages, "sagemaker", "3.27.0", "")
    del sys.modules["sagemaker"]
    import sagemaker

    import_sdk()

    assert sys.modules["sagemaker"] is sagemaker
    assert "sagemaker.workflow" not in sys.modules


def test_a_sagemaker_that_fits_is_used(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", "import sagemaker\nfound = sagemaker.own")
    install(packages, "sagemaker", "2.257.0", "own = 'its own'")
    del sys.modules["sagemaker"]

    assert import_sdk().found == "its own"


def test_a_package_that_is_imported_already_is_given_again(packages: Path) -> None:
    install(packages, "stepfunctions", "2.3.0", "")

    assert import_sdk() is import_sdk()


@pytest.mark.slow
def test_importing_our_side_does_not_import_theirs() -> None:
    script = (
        "import sys, stepsmith.sdk; print(sorted({'stepfunctions', 'boto3', 'IPython'} & set(sys.modules)))"
    )

    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert printed.stdout == "[]\n"
