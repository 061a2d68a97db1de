import pytest

from stepsmith.service.machines import machine as _machine  # noqa: F401 - pytester forgets modules that its runs import first
from stepsmith.testing import coverage_report as _report  # noqa: F401
from stepsmith.testing import coverage_session as _session  # noqa: F401
from stepsmith.testing import equivalence as _equivalence  # noqa: F401
from stepsmith.testing import one_state as _one_state  # noqa: F401
from stepsmith.testing import runs as _runs  # noqa: F401

_PROJECT = """
from datetime import timedelta
from stepsmith import Retry, WorkflowError, task, workflow

class Busy(WorkflowError): ...

@task(retry=[Retry.on(Busy, interval=timedelta(seconds=1))])
def work(x: int) -> int:
    return x

@workflow
def labour(x: int) -> int:
    y = work(x)
    if y > 10:
        return 0
    return y
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(labour=_PROJECT)
    pytester.syspathinsert()
    return pytester


def test_coverage_names_what_was_missed(project: pytest.Pytester) -> None:
    project.makepyfile("from labour import labour\ndef test_it(run): assert run(labour, 1).result() == 1")

    result = project.runpytest_inprocess("--asl-coverage", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*coverage of definitions*", "labour*%*", "*missed retrier of 'Work' for Busy*"]
    )


def test_coverage_is_written_as_a_page(project: pytest.Pytester) -> None:
    project.makepyfile("from labour import labour\ndef test_it(run): run(labour, 1)")

    project.runpytest_inprocess("--asl-coverage-html=pages", "-p", "no:cacheprovider")

    page = (project.path / "pages" / "index.html").read_text()
    assert "labour" in page
    assert "<svg" in page
    assert ">covered in part<" in page
    assert ">missed<" in page
    assert "<script" not in page


def test_too_little_coverage_fails_the_session(project: pytest.Pytester) -> None:
    project.makepyfile("from labour import labour\ndef test_it(run): run(labour, 1)")

    result = project.runpytest_inprocess("--asl-coverage-fail-under=99", "-p", "no:cacheprovider")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*failed: less than 99 % is covered of labour*"])


def test_nothing_covered_at_all_is_too_little(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(): pass")

    result = project.runpytest_inprocess("--asl-coverage-fail-under=1", "-p", "no:cacheprovider")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*failed: no definition was covered*"])


def test_two_definitions_under_one_name_are_counted_apart(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from stepsmith import load

        @pytest.mark.parametrize("seconds", [1, 2, 1])
        def test_it(seconds):
            states = {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}
            load({"StartAt": "W", "States": states}, name="pause").run({})
        """
    )

    result = project.runpytest_inprocess("--asl-coverage", "-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(["pause      100.0 %  1/1", "pause (2)  100.0 %  1/1"])


def test_the_coverage_of_children_is_counted_apart(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from labour import labour
        from stepsmith import workflow

        @workflow
        def twice(x: int) -> int:
            y = labour(x)
            return labour(y)

        def test_it(run):
            assert run(twice, 3).result() == 3
        """
    )

    result = project.runpytest_inprocess("--asl-coverage", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["labour *%*", "twice *%*"])


@pytest.mark.slow
def test_coverage_is_that_of_all_processes(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from labour import Busy, labour

        def test_small(run): assert run(labour, 1).result() == 1

        def test_large(run): assert run(labour, 11).result() == 0

        def test_busy(run): assert run(labour, 1, fail={"work": {1: Busy()}}).result() == 1
        """
    )
    options = ("-n", "2", "--asl-coverage-fail-under=100", "--asl-coverage-html=pages")

    result = project.runpytest_subprocess(*options, "-p", "no:cacheprovider")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["*coverage of definitions*", "labour  100.0 %*", "page: *index.html"])


@pytest.mark.slow
def test_a_process_that_crashes_is_told_of(project: pytest.Pytester) -> None:
    project.makepyfile("import os\ndef test_it(): os._exit(3)")

    result = project.runpytest_subprocess(
        "-n", "1", "--max-worker-restart=0", "--asl-coverage", "-p", "no:cacheprovider"
    )

    assert result.ret != 0
    result.stdout.fnmatch_lines(["*1 workers crashed; what they ran is not counted*"])


def test_a_test_that_fails_is_counted_too(project: pytest.Pytester) -> None:
    project.makepyfile("from labour import labour\ndef test_it(run): assert run(labour, 1).result() == 2")

    result = project.runpytest_inprocess("--asl-coverage-fail-under=50", "-p", "no:cacheprovider")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["labour*%*"])
    result.stdout.no_fnmatch_line("*failed: less*")


def test_a_definition_with_blanks_in_its_name_is_one_definition(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from stepsmith import load

        def test_it():
            for _ in range(2):
                load({"StartAt": "W", "States": {"W": {"Type": "Succeed"}}}, name="my flow").run({})
        """
    )

    result = project.runpytest_inprocess("--asl-coverage", "-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(["my flow  100.0 %  1/1"])
    result.stdout.no_fnmatch_line("*(2)*")


def test_without_executions_the_report_says_so(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(): pass")

    result = project.runpytest_inprocess("--asl-coverage", "-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(["*no execution of a named machine was seen*"])


def test_a_wrong_path_is_shown_state_by_state(project: pytest.Pytester) -> None:
    project.makepyfile(
        "from labour import labour\ndef test_it(run): assert run(labour, 1).path == ['Start', 'Work', 'Rest']"
    )

    result = project.runpytest_inprocess("-p", "no:cacheprovider")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*the states entered are others than expected*", "*+ Rest   (expected, not entered)*"]
    )


def test_an_imported_test_state_is_not_taken_for_a_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from stepsmith.testing import test_state

        def test_it():
            answer = test_state({"Type": "Pass", "End": True}, {"a": 1})
            assert answer["status"] == "SUCCEEDED"
        """
    )

    project.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_two_tests_share_nothing(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_first(aws):
            aws.client("s3").create_bucket(Bucket="photos")

        def test_second(aws):
            assert aws.client("s3").list_buckets()["Buckets"] == []
        """
    )

    project.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
