import pytest

from stepsmith.authoring.tasks.provisions import FunctionOptions, Parameter


def test_a_parameter_is_what_the_environment_says_or_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    parameter = Parameter("link-base", default="https://example.com")

    before = parameter.value()
    monkeypatch.setenv("LINK_BASE", "https://shop.example")

    assert (parameter.variable, before, parameter.value()) == (
        "LINK_BASE",
        "https://example.com",
        "https://shop.example",
    )


def test_a_parameter_is_read_from_its_own_variable() -> None:
    with pytest.raises(ValueError, match="'sender' is read from SENDER, not from FROM"):
        FunctionOptions(environment={"FROM": Parameter("sender", default="a")})
    for name in ("", "Sender", "link_base", "-a", "a--b"):
        with pytest.raises(ValueError, match="is no name of a parameter"):
            Parameter(name, default="")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"memory": 64}, "memory is 64; it is 128 to 10240 MB"),
        ({"storage": 100}, "storage is 100; it is 512 to 10240 MB"),
        ({"environment": {"AWS_REGION": "x"}}, "'AWS_REGION' is no environment variable"),
        ({"loads": ("a b",)}, "'a b' is no name of a module"),
    ],
)
def test_an_option_that_lambda_does_not_have_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FunctionOptions(**given)  # type: ignore[arg-type]


def test_options_are_compared_by_what_they_are() -> None:
    sender = Parameter("sender", default="a@b.example")

    assert FunctionOptions(environment={"SENDER": sender}) == FunctionOptions(environment={"SENDER": sender})
    assert FunctionOptions() != FunctionOptions(memory=256)
