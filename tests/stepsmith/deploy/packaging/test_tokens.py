"""Secrets are put together here, so that nobody takes this file for one that leaks."""

import time
from pathlib import Path

import pytest

from stepsmith.deploy.packaging.tokens import KINDS, LONGEST, find_secret

A20, A36, A40 = "aB3" * 6 + "x9", "aB3d" * 9, "aB3d" * 10
HEX32 = "0a1b2c3d" * 4
SAMPLES = [
    ("an AWS access key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("an AWS access key", "key=ASIA" + "IOSFODNN7EXAMPLE"),
    ("an AWS secret key", "aws_secret_access_key = " + A40),
    ("an AWS secret key", "MySecretKey: '" + A40 + "'"),
    ("an AWS session token", "IQoJb3JpZ2lu" + "X2Vj" + A40 + A40),
    ("an AWS session token", "FwoGZXIv" + "YXdz" + A40 + A40),
    ("a Bedrock key", "ABSK" + A40 + A40),
    ("a Bedrock key", "bedrock-api-" + "key-" + A40 + A40),
    ("a private key", "-----BEGIN " + "PRIVATE KEY-----"),
    ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
    ("a private key", "-----BEGIN OPENSSH " + "PRIVATE KEY-----"),
    ("a private key", "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----"),
    ("a private key", "PuTTY-User-Key-" + "File-3: ssh-rsa"),
    ("a private key", "AGE-SECRET-" + "KEY-1" + "A" * 58),
    ("the key of a Kubernetes client", "    client-key-" + "data: " + A40),
    ("a GitHub token", "ghp_" + A36),
    ("a GitHub token", "x = 'gho_" + A36),
    ("a GitHub token", "github_" + "pat_" + A40),
    ("a GitLab token", "glpat-" + A20),
    ("a GitLab token", "glrt-" + A20),
    ("a GitLab token", "glimt-" + A20 + "aB3d.01.121"),
    ("a GitLab token", "GR1348" + "941" + A20),
    ("a GitHub token", "ghs_" + "1234567_eyJ" + A36),
    ("a Slack token", "xoxe." + "xoxp-1-" + A20),
    ("a Slack token", "xoxd-" + A20),
    ("a Slack address", "https://hooks.slack.com/" + "triggers/T0123456/0123456/x"),
    ("a Slack token", "xoxb-" + A20),
    ("a Slack token", "xapp-1-" + A20),
    ("a Slack address", "https://hooks.slack.com/" + "services/T0123456/B0123456/x"),
    ("a Stripe key", "sk_" + "live_" + A20),
    ("a Stripe key", "rk_" + "test_" + A20),
    ("a Stripe key", "whsec_" + A36),
    ("a Google key", "AIza" + A36),
    ("a Google key", "GOCSPX-" + A36),
    ("a Google token", "ya29." + A36),
    ("a Google key", "AQ." + "Ab" + A40),
    ("a Google token", "1/" + "/0" + A40),
    ("an npm token", "npm_" + A36),
    ("an npm token", "//registry.example/:_password=" + A20 + "==\n"),
    ("a Twilio token", "TWILIO_AUTH_TOKEN=" + HEX32),
    ("a Twilio token", 'twilio token: "' + HEX32 + '"'),
    ("a Docker token", "dckr_" + "oat_" + A36),
    ("an Atlassian token", "ATATT" + "3" + A40),
    ("a Groq key", "gsk_" + A40),
    ("a Heroku key", "HRKU-" + A36),
    ("a Linear key", "lin_" + "api_" + A40),
    ("a Mailgun key", "key-" + HEX32),
    ("a Notion token", "ntn_" + A40),
    ("a PlanetScale token", "pscale_" + "tkn_" + A36),
    ("a Postman key", "PMAK-" + HEX32[:24] + "-" + HEX32 + "0a"),
    ("a Pulumi token", "pul-" + HEX32 + "0a1b2c3d"),
    ("a Sentry token", "sntrys_" + A36),
    ("a Square token", "sq0atp-" + A36),
    ("a Supabase key", "sb_secret_" + A36),
    ("a Tailscale key", "tskey-" + "auth-" + A36),
    ("an xAI key", "xai-" + A36 + A36),
    ("a password in an address", "postgresql" + "://shop:" + "Tr0ub4dor@db.example:5432/shop"),
    ("a password in an address", "mongodb+srv" + "://" + "a:" + "aB3dEf!9@cluster0.example"),
    ("a password in an address", "redis" + "://:" + A20 + "@cache"),
    ("an npm token", "//registry.example/:_auth" + "Token=" + A36),
    ("a PyPI token", "pypi-" + "AgEIcHlwaS5vcmc" + A40),
    ("a RubyGems key", "rubygems_" + HEX32 + "0a1b2c3d"),
    ("an OpenAI key", "sk-" + "proj-" + A40),
    ("an OpenAI key", "sk-" + A40 + "aB3daB3d"),
    ("an Anthropic key", "sk-" + "ant-" + A40),
    ("a Hugging Face token", "hf_" + A36),
    ("a Twilio key", "SK" + HEX32),
    ("a SendGrid key", "SG." + A36[:22] + "." + A40),
    ("a Docker token", "dckr_" + "pat_" + A36),
    ("a DigitalOcean token", "dop_" + "v1_" + HEX32 * 2),
    ("a Databricks token", "dapi" + HEX32),
    ("a Shopify token", "shpat_" + HEX32),
    ("a Vault token", "hvs." + A36),
    ("a Grafana token", "glsa_" + A36),
    ("a New Relic key", "NRAK-" + "ABC" * 9),
    ("an Azure key", "AccountKey=" + A40 + A40 + "abcdef=="),
    ("a password of a web server", "anna:$apr1$" + A36),
    ("a password of a web server", "anna:$2y$10$" + A36),
]


@pytest.mark.parametrize(("kind", "text"), SAMPLES)
def test_a_secret_of_a_known_maker_is_found_where_it_stands(kind: str, text: str) -> None:
    before = "import os\n" * 3

    assert find_secret(text.encode()) is not None
    found = find_secret(f"{before}{text}\n".encode())
    assert found is not None
    assert found[0] == kind
    assert len(before) <= found[1] < len(before) + len(text)


def test_every_kind_has_a_sample() -> None:
    assert {kind.name for kind in KINDS} == {name for name, _ in SAMPLES}


@pytest.mark.parametrize(
    "text",
    [
        "", "AKIA", "AKIA_EXAMPLE_KEY_NAMES", "ghp_short", "sk-learn", "a task-" + "x" * 60, "the npm_config_registry",
        "pypi-server", "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "hf_hub_download",
        "desk_live_" + A20, "HASK" + HEX32, "secret = os.environ['SECRET']", "secrets: list[str] = []", "AIzaShort",
        "xoxb-", "https://hooks.slack.com/services/", "client-key-data: ${KEY}", "sha256:" + HEX32 * 2,
        "base64 " + "A" * 500, "pypi-" + "mirror-of-all-packages-of-this-house", "twilio: the token is elsewhere",
        "postgres://user:password@localhost", "postgres://{user}:{password}@{host}", "redis://localhost:6379/0",
        "postgresql://localhost", "a key-value store", "monkey-" + HEX32, "tskey-auth", "1//02", "AT=" + A40,
    ],
)  # fmt: skip
def test_what_only_resembles_a_secret_is_none(text: str) -> None:
    assert find_secret(text.encode()) is None


def test_the_first_of_several_is_told() -> None:
    text = f"a\nghp_{A36}\nAKIA{'IOSFODNN7EXAMPLE'}\n".encode()

    assert find_secret(text) == ("a GitHub token", 2)


def test_beginnings_without_an_end_take_time_that_grows_with_the_text_only() -> None:
    starts = " ".join(start.decode() for kind in KINDS for start in kind.starts) + " secret" + " " * 9

    def seconds(times: int) -> float:
        text = (starts * times).encode()
        began = time.process_time()
        assert find_secret(text) is None
        return time.process_time() - began

    seconds(10)
    assert min(seconds(80) for _ in range(3)) < 16 * max(min(seconds(10) for _ in range(3)), 0.0005)


def test_no_kind_looks_further_than_its_bound_and_the_project_holds_none() -> None:
    assert max(len(text) for _, text in SAMPLES) < LONGEST
    home = Path(__file__).parents[4] / "stepsmith" / "deploy"
    assert [path.name for path in home.rglob("*.py") if find_secret(path.read_bytes())] == []
