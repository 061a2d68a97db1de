"""The pages of a stack: a private bucket, and CloudFront before it, which leads to the HTTP API as well.

So a page and the functions it calls have one origin, as here: no CORS, no address to configure, and TLS. The website
endpoint of a bucket would be public, without TLS, and another origin than the API.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from stepsmith.authoring.tasks.provisions import Bucket
from stepsmith.deploy.application import Application
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import Place
from stepsmith.deploy.template.http import API
from stepsmith.deploy.template.provisions import provision_resource
from stepsmith.expressions.types import Json
from stepsmith.service.pages import INDEX, POLICY, digest_of

PAGES: Final = "Pages"
CONTENT: Final = "stepsmith:pages"
"""The tag of the bucket that says what lies in it, so that a plan shows that files have changed."""
MOST_BEHAVIOURS: Final = 25
"""Paths of functions that one distribution can lead to the API: a quota of CloudFront's."""
_CACHED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""CloudFront's own cache policy CachingOptimized."""
_NOT_CACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""CloudFront's own cache policy CachingDisabled."""
_WHOLE_REQUEST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""CloudFront's own origin request policy AllViewerExceptHostHeader: an API is known by its own Host."""
_METHODS: Final[list[Json]] = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]


def page_resources(application: Application, options: Options) -> dict[str, Json]:
    """Give the resources of an application's pages; nothing where there are none.

    Raises DeploymentError for a function whose path lies below a page, and for more paths than CloudFront takes.
    """
    names = [each.name for each in application.pages]
    if not names:
        return {}
    paths = _patterns({_pattern(each.path) for each in application.http_functions})
    if len(paths) >= MOST_BEHAVIOURS:
        raise DeploymentError(
            f"{len(paths)} paths of functions beside pages; CloudFront takes {MOST_BEHAVIOURS - 1}"
        )
    for path in paths:
        if path.split("/")[1] in names:
            raise DeploymentError(f"{path} lies below the page /{path.split('/')[1]}/")
    tagged = replace(options, tags={**options.tags, CONTENT: _digest(application)}, kms_key=None)
    return {
        f"{PAGES}Bucket": provision_resource(Bucket("pages"), tagged),
        f"{PAGES}BucketPolicy": _bucket_policy(),
        f"{PAGES}Access": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {
                "OriginAccessControlConfig": {
                    "Name": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"},
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        },
        f"{PAGES}Headers": _headers(),
        f"{PAGES}Index": {
            "Type": "AWS::CloudFront::Function",
            "Properties": {
                "Name": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}-index"},
                "AutoPublish": True,
                "FunctionCode": _index_code(names),
                "FunctionConfig": {"Comment": "Finds the index of a folder", "Runtime": "cloudfront-js-2.0"},
            },
        },
        f"{PAGES}Distribution": _distribution(paths, options),
    }


def _digest(application: Application) -> str:
    files = {key: file for page in application.pages for key, file in page.files().items()}
    return digest_of(files)[:32]


def _patterns(paths: set[str]) -> list[str]:
    """Give the patterns that are needed: all lead to one API, and `/orders/*` stands for `/orders/*/lines`, too."""
    return sorted(
        path for path in paths if not any(other != path and _covers(other, path) for other in paths)
    )


def _covers(pattern: str, path: str) -> bool:
    """Say whether a pattern stands for every path that another one does; `*` is any text, slashes included."""
    first, *others = pattern.split("*")
    if not others or not path.startswith(first):
        return False
    place = len(first)
    for part in others[:-1]:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return path.endswith(others[-1]) and len(path) - len(others[-1]) >= place


def _pattern(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


def _bucket_policy() -> Json:
    return {
        "Type": "AWS::S3::BucketPolicy",
        # the bucket stays when the stack goes, and stays closed
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Bucket": {"Ref": f"{PAGES}Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:GetObject",
                        "Resource": {"Fn::Sub": f"${{{PAGES}Bucket.Arn}}/*"},
                        "Condition": {
                            "StringEquals": {
                                "AWS:SourceArn": {
                                    "Fn::Sub": f"arn:{Place().partition}:cloudfront::${{AWS::AccountId}}:"
                                    f"distribution/${{{PAGES}Distribution}}"
                                }
                            }
                        },
                    }
                ],
            },
        },
    }


def _headers() -> Json:
    return {
        "Type": "AWS::CloudFront::ResponseHeadersPolicy",
        "Properties": {
            "ResponseHeadersPolicyConfig": {
                "Name": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}-pages"},
                "SecurityHeadersConfig": {
                    "ContentSecurityPolicy": {"ContentSecurityPolicy": POLICY, "Override": True},
                    "ContentTypeOptions": {"Override": True},
                    "FrameOptions": {"FrameOption": "DENY", "Override": True},
                    "ReferrerPolicy": {"ReferrerPolicy": "same-origin", "Override": True},
                    "StrictTransportSecurity": {"AccessControlMaxAgeSec": 31_536_000, "Override": True},
                },
            }
        },
    }


def _index_code(names: list[str]) -> str:
    """Give the function that makes `/name/` the index of a page, and `/` the only page there is."""
    first = f"/{names[0]}/" if len(names) == 1 else ""
    home = (
        f"  if (request.uri === '/') return {{statusCode: 302, headers: {{location: {{value: '{first}'}}}}}};\n"
        if first
        else ""
    )
    below = "".join(
        f"  if (request.uri === '/{name}') "
        f"return {{statusCode: 302, headers: {{location: {{value: '/{name}/'}}}}}};\n"
        for name in names
    )
    return (
        "function handler(event) {\n  var request = event.request;\n"
        f"{home}{below}"
        f"  if (request.uri.endsWith('/')) request.uri += '{INDEX}';\n"
        "  return request;\n}\n"
    )


def _distribution(paths: list[str], options: Options) -> Json:
    viewer: dict[str, Json] = {"ViewerProtocolPolicy": "redirect-to-https", "Compress": True}
    bucket: dict[str, Json] = {
        "Id": "pages",
        "DomainName": {"Fn::GetAtt": [f"{PAGES}Bucket", "RegionalDomainName"]},
        "OriginAccessControlId": {"Fn::GetAtt": [f"{PAGES}Access", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    origins: list[Json] = [bucket]
    behaviours: list[Json] = []
    if paths:
        origins.append(
            {
                "Id": "api",
                "DomainName": {"Fn::Sub": f"${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"},
                "CustomOriginConfig": {
                    "OriginProtocolPolicy": "https-only",
                    "OriginSSLProtocols": ["TLSv1.2"],
                },
            }
        )
        led: dict[str, Json] = {
            **viewer,
            "TargetOriginId": "api",
            "AllowedMethods": _METHODS,
            "CachePolicyId": _NOT_CACHED,
            "OriginRequestPolicyId": _WHOLE_REQUEST,
        }
        behaviours += [{**led, "PathPattern": path} for path in paths]
    default: dict[str, Json] = {
        **viewer,
        "TargetOriginId": "pages",
        "AllowedMethods": ["GET", "HEAD"],
        "CachePolicyId": _CACHED,
        "ResponseHeadersPolicyId": {"Ref": f"{PAGES}Headers"},
        "FunctionAssociations": [
            {
                "EventType": "viewer-request",
                "FunctionARN": {"Fn::GetAtt": [f"{PAGES}Index", "FunctionMetadata.FunctionARN"]},
            }
        ],
    }
    tagged: dict[str, Json] = (
        {"Tags": [{"Key": name, "Value": value} for name, value in sorted(options.tags.items())]}
        if options.tags
        else {}
    )
    config: dict[str, Json] = {
        "Comment": {"Ref": "AWS::StackName"},
        "Enabled": True,
        "HttpVersion": "http2and3",
        "Origins": origins,
        "DefaultCacheBehavior": default,
    }
    if behaviours:
        config["CacheBehaviors"] = behaviours
    return {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {"DistributionConfig": config, **tagged},
    }
