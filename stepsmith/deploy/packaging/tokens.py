"""What secrets look like: keys and tokens of the known makers, each by a text that it begins with.

A file is searched for the beginnings, and only where one stands a pattern looks at a bounded number of characters, so
that the time grows with the file and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 512
"""The bytes that a secret has to lie in to be found."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret."""

    name: str
    starts: tuple[bytes, ...]
    """What it begins with, in lower case where `folded`."""
    pattern: re.Pattern[bytes]
    """What stands from there on."""
    folded: bool = False
    """Whether upper and lower case are one."""
    is_word: bool = True
    """Whether it is none where a letter or digit stands before."""


def find_secret(text: bytes) -> tuple[str, int] | None:
    """Give the kind and place of the first secret in a text."""
    found = [place for kind in KINDS for place in _places(kind, text)]
    place, name = min(found, default=(0, ""))
    return (name, place) if name else None


def _places(kind: Kind, text: bytes) -> Iterator[tuple[int, str]]:
    """Give the first place of a kind, if there is one."""
    within = text.lower() if kind.folded else text
    for start in kind.starts:
        at = within.find(start)
        while at >= 0:
            inside = kind.is_word and text[at - 1 : at].isalnum()
            if not inside and kind.pattern.match(text, at, at + LONGEST):
                yield at, kind.name
                break
            at = within.find(start, at + 1)


def _kind(name: str, starts: str, pattern: str, *, folded: bool = False, is_word: bool = True) -> Kind:
    compiled = re.compile(pattern.encode(), re.IGNORECASE if folded else 0)
    return Kind(name, tuple(each.encode() for each in starts.split()), compiled, folded, is_word)


_SAFE: Final = "[A-Za-z0-9_-]"
_ALNUM: Final = "[A-Za-z0-9]"
_HEX: Final = "[0-9a-f]"

KINDS: Final = (
    _kind("an AWS access key", "AKIA ASIA", r"(?<![A-Z0-9])[A-Z0-9]{20}(?![A-Z0-9])", is_word=False),
    _kind(
        "an AWS secret key",
        "secret",
        r"secret[a-z_ -]{0,30}['\"]?\s{0,9}[=:]\s{0,9}['\"]?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
        folded=True,
        is_word=False,
    ),
    _kind("an AWS session token", "FwoGZXIvYXdz IQoJb3JpZ2luX2Vj", r"[A-Za-z0-9/+]{60}"),
    _kind("a Bedrock key", "ABSK bedrock-api-key-", r"(?:ABSK|bedrock-api-key-)[A-Za-z0-9/+]{60}"),
    _kind("a private key", "-----BEGIN", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"),
    _kind("a private key", "PuTTY-User-Key-File-", r"PuTTY-User-Key-File-[0-9]: "),
    _kind("a private key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{50}"),
    _kind(
        "the key of a Kubernetes client",
        "client-key-data:",
        r"client-key-data:\s{0,9}['\"]?[A-Za-z0-9+/=]{40}",
    ),
    _kind("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9_]{36}"),
    _kind("a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22}"),
    _kind(
        "a GitLab token",
        "glpat- gldt- glrt- glrtr- glptt- glcbt- glsoat- glagent- glimt- glft- glffct- glwt-",
        rf"gl[a-z]{{2,5}}-{_SAFE}{{20}}",
    ),
    _kind("a GitLab token", "GR1348941", rf"GR1348941{_SAFE}{{20}}"),
    _kind(
        "a Slack token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs-",
        rf"xox[a-eoprs]-{_SAFE}{{20}}",
    ),
    _kind("a Slack token", "xapp-", rf"xapp-[0-9]-{_SAFE}{{20}}"),
    _kind(
        "a Slack address",
        "hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/",
        r"hooks\.slack\.com/[a-z]{8,9}/T[A-Z0-9]{6,20}/[A-Z0-9]{6,20}/",
    ),
    _kind("a Stripe key", "sk_live_ rk_live_ sk_test_ rk_test_", rf"[sr]k_(?:live|test)_{_ALNUM}{{16}}"),
    _kind("a Stripe key", "whsec_", rf"whsec_{_ALNUM}{{24}}"),
    _kind("a Google key", "AIza", rf"AIza{_SAFE}{{35}}"),
    _kind("a Google key", "GOCSPX-", rf"GOCSPX-{_SAFE}{{24}}"),
    _kind("a Google key", "AQ.Ab", rf"AQ\.Ab{_SAFE}{{40}}"),
    _kind("a Google token", "1//0", rf"1//0{_SAFE}{{40}}"),
    _kind("a Google token", "ya29.", rf"ya29\.{_SAFE}{{30}}"),
    _kind("an npm token", "npm_", rf"npm_{_ALNUM}{{36}}"),
    _kind("an npm token", "_authtoken", r"_authToken\s{0,9}=\s{0,9}['\"]?[A-Za-z0-9/+=_-]{20}", folded=True),
    _kind("an npm token", "_auth= _password=", r"_(?:auth|password)=['\"]?[A-Za-z0-9/+]{16,100}={0,2}\s"),
    _kind("a PyPI token", "pypi-AgE", rf"pypi-AgE{_SAFE}{{32}}"),
    _kind("a RubyGems key", "rubygems_", rf"rubygems_{_HEX}{{40}}"),
    _kind("an OpenAI key", "sk-proj- sk-svcacct- sk-admin-", rf"sk-[a-z]{{4,8}}-{_SAFE}{{32}}"),
    _kind("an OpenAI key", "sk-", rf"sk-{_ALNUM}{{48}}"),
    _kind("an Anthropic key", "sk-ant-", rf"sk-ant-{_SAFE}{{32}}"),
    _kind("a Hugging Face token", "hf_", rf"hf_{_ALNUM}{{34}}"),
    _kind("a Twilio key", "SK", rf"SK{_HEX}{{32}}(?!{_ALNUM})"),
    _kind(
        "a Twilio token",
        "twilio",
        r"twilio[a-z_ -]{0,20}token['\"]?\s{0,9}[=:]\s{0,9}['\"]?[0-9a-f]{32}(?![0-9a-f])",
        folded=True,
        is_word=False,
    ),
    _kind("a SendGrid key", "SG.", rf"SG\.{_SAFE}{{22}}\.{_SAFE}{{40}}"),
    _kind("a Docker token", "dckr_pat_ dckr_oat_", rf"dckr_[po]at_{_SAFE}{{24}}"),
    _kind("a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", rf"do[opr]_v1_{_HEX}{{64}}"),
    _kind("a Databricks token", "dapi", rf"dapi{_HEX}{{32}}(?!{_ALNUM})"),
    _kind("a Shopify token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _kind("a Vault token", "hvs. hvb.", rf"hv[sb]\.{_SAFE}{{24}}"),
    _kind("a Grafana token", "glsa_ glc_", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{32}"),
    _kind("a New Relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _kind("an Atlassian token", "ATATT3 ATCTT3", rf"AT[AC]TT3{_SAFE}{{40}}"),
    _kind("a Groq key", "gsk_", rf"gsk_{_ALNUM}{{40}}"),
    _kind("a Heroku key", "HRKU-", rf"HRKU-{_SAFE}{{30}}"),
    _kind("a Linear key", "lin_api_", rf"lin_api_{_ALNUM}{{32}}"),
    _kind("a Mailgun key", "key-", rf"key-{_HEX}{{32}}(?!{_ALNUM})"),
    _kind("a Notion token", "ntn_", rf"ntn_{_ALNUM}{{40}}"),
    _kind("a PlanetScale token", "pscale_", rf"pscale_(?:tkn|pw|oauth)_{_SAFE}{{32}}"),
    _kind("a Postman key", "PMAK-", rf"PMAK-{_HEX}{{24}}-{_HEX}{{34}}"),
    _kind("a Pulumi token", "pul-", rf"pul-{_HEX}{{40}}"),
    _kind("a Sentry token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9_+/=]{32}"),
    _kind("a Square token", "sq0atp- sq0csp-", rf"sq0(?:atp|csp)-{_SAFE}{{22}}"),
    _kind("a Supabase key", "sbp_ sb_secret_", rf"(?:sbp_|sb_secret_){_SAFE}{{31}}"),
    _kind("a Tailscale key", "tskey-", rf"tskey-[a-z]{{3,10}}-{_SAFE}{{20}}"),
    _kind("an xAI key", "xai-", rf"xai-{_ALNUM}{{60}}"),
    _kind(
        "a password in an address",
        "postgres:// postgresql:// mysql:// mongodb:// mongodb+srv:// amqp:// amqps:// redis:// rediss://",
        r"[a-z+]{5,11}://[A-Za-z0-9_.%-]{0,60}:(?!password@|pass@|secret@)[A-Za-z0-9_.%!~*+-]{6,100}@[A-Za-z0-9]",
    ),
    _kind("an Azure key", "accountkey=", r"AccountKey=[A-Za-z0-9+/]{86}==", folded=True),
    _kind(
        "a password of a web server",
        ":$apr1$ :$2y$ :{SHA}",
        r":(?:\$apr1\$|\$2y\$[0-9]{2}\$|\{SHA\})[./A-Za-z0-9$+=]{20}",
        is_word=False,
    ),
)
