"""What changes with what."""

from stepsmith.integrations.clients.references import in_order

RESOURCES = {
    "Role": {"Type": "R"},
    "Function": {"Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
    "Version": {"Properties": {"Name": {"Ref": "Function"}, "Other": {"Ref": "AWS::Region"}}},
    "Machine": {"Properties": {"Text": {"Fn::Sub": "${Version} and ${Table.Arn} and ${AWS::Region}"}}},
    "Alias": {"DependsOn": "Machine", "Properties": {"Of": {"Fn::GetAtt": "Machine.Arn"}}},
    "Table": {"Properties": {}},
    "Other": {"Properties": {"Text": {"Fn::Sub": ["${a}", {"a": {"Ref": "Other"}}]}}},
}


def done(*changed: str, added: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    """Give what is added, and what is changed in which order."""
    found = in_order(RESOURCES, {"Add": added, "Modify": changed, "Remove": ()})
    return found["Add"], found["Modify"]


def test_what_refers_to_what_is_changed_changes_after_it() -> None:
    assert done("Function") == ([], ["Function", "Version", "Machine", "Alias"])


def test_what_refers_to_what_is_added_changes_too() -> None:
    assert done(added=("Version",)) == (["Version"], ["Machine", "Alias"])


def test_what_is_added_comes_after_what_it_refers_to_has_changed() -> None:
    assert done("Function", added=("Version", "Other")) == (
        ["Other"], ["Function", "Version", "Machine", "Alias"]
    )  # fmt: skip


def test_nothing_changes_with_nothing_and_circles_end() -> None:
    assert done() == ([], [])
    assert done("Other") == ([], ["Other"])
