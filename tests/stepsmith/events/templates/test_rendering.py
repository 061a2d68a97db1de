"""Mapping templates: what is documented, and what a hostile template cannot do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.templates import Request, TemplateError, TemplateFailure, compile_template

BODY: dict[str, Any] = {
    "name": "Ann",
    "n": 3,
    "list": [1, {"a": "b"}],
    "map": {"k": "v", "x": None},
    "quote": 'it\'s "so"',
}


def render(template: str, body: Any = None, **parts: Any) -> str:
    text = body if isinstance(body, str) else json.dumps(BODY if body is None else body)
    return compile_template(template).render(Request(body=text, **parts)).text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("$input.json('$.map')", '{"k":"v","x":null}'),
        ("$input.json('$.missing')", '""'),
        ("$input.path('$.map')", "{k=v, x=null}"),
        ("$input.path('$.list')", '[1,{"a":"b"}]'),
        ("$input.path('$').name", "Ann"),
        ("$input.path('$.list')[1].a", "b"),
        ("${input.path('$.n')}px", "3px"),
        ("$!nothing$nothing", ""),
        ("costs $5, #5 and a#b", "costs $5, #5 and a#b"),
        ("a## comment\nb#* more *#c", "abc"),
        ("#[[$input.body #if]]#", "$input.body #if"),
        ("\\$input.body", "$input.body"),
        ("#set($x = 'a')$x#set($x = \"$x b\")-$x", "a-a b"),
        ("#set($m = {\"a\": 1, \"b\": [1, 2]})$m.b[1]$m.size()", "22"),
        ("#set($m = {})#set($m.a = 1)#set($m['b'] = 2)$m", "{a=1, b=2}"),
        ("#if($input.path('$.n') > 2 && !$nothing)yes#{else}no#end", "yes"),
        ("#if(false)a#elseif(1 == 1.0)b#{else}c#end", "b"),
        ("#foreach($i in [1..3])$i$foreach.index#if($foreach.hasNext),#end#end", "10,21,32"),
        ("#foreach($i in [3..1])$i#if($foreach.count == 2)#break#end#end!", "32!"),
        ("#foreach($e in $input.path('$.map').entrySet())$e.key:$e.value;#end", "k:v;x:;"),
        ("#foreach($k in $input.path('$.map').keySet())$k#end", "kx"),
        ("a#stop b", "a"),
        ("#set($a = 7 / 2)$a #set($b = -7 % 2)$b #set($c = 1 / 0)$c", "3 -1 "),
        ("#set($l = [])$l.add(1)#set($d = $l.add('x'))$l.size()", "true2"),
        ("$input.path('$.name').toUpperCase().substring(1)", "NN"),
        ("$util.base64Decode($util.base64Encode('hä'))", "hä"),
        ("$util.urlDecode($util.urlEncode('a b&c'))", "a b&c"),
        ("$util.parseJson('{\"a\": [1]}').a[0]", "1"),
        ("$util.escapeJavaScript($input.path('$.quote'))", "it\\'s \\\"so\\\""),
        # The line of API Gateway's guide, which makes JSON of it again.
        ("$util.escapeJavaScript($input.path('$.quote')).replaceAll(\"\\\\'\",\"'\")", "it's \\\"so\\\""),
        ("$input.path('$.name').replaceAll('[A-N]', '<$0>')", "<A>nn"),
        ("#set($s = 'a,b,,')#foreach($p in $s.split(','))$p;#end", "a;b;"),
    ],
)  # fmt: skip
def test_a_template_is_filled_in(template: str, text: str) -> None:
    assert render(template) == text


def test_parameters_are_looked_for_in_the_path_the_query_and_the_headers() -> None:
    template = "$input.params('a')$input.params('b')$input.params('x-c')$input.params().header.get('X-C')"

    assert render(template, path={"a": "1"}, query={"b": "2"}, headers={"X-C": "3"}) == "1233"


def test_a_template_may_set_what_the_request_becomes() -> None:
    template = "#set($context.requestOverride.header.X-Amz-Target = 'T')$context.stage"

    rendered = compile_template(template).render(Request(body="", context={"stage": "dev"}))

    assert rendered.text == "dev"
    assert rendered.context["requestOverride"] == {"header": {"X-Amz-Target": "T"}}


def test_what_a_request_brings_is_not_changed() -> None:
    context: dict[str, Any] = {"identity": {}}

    compile_template("#set($context.identity.a = 1)").render(Request(body="", context=context))

    assert context == {"identity": {}}


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("#if($a)x", "#if without #end at line 1, column 1"),
        ("x\n#end", "#end without #if or #foreach at line 2, column 5"),
        ("#set($a = )", "'\\)' where a value should be at line 1, column 11"),
        ("#set(a = 1)", "'a' where #set needs a reference"),
        ("#foreach($a.b in [1])#end", "needs a plain reference"),
        ("#set($a = 'x)", "A text without its closing '"),
        ("#set($input.body = 1)", "which cannot be set"),
        ("#if(" + "(" * 100 + "1", "levels of nesting"),
        ("#if(true)" * 100, "levels of nesting"),
        ("#[[ a", "without \\]\\]#"),
    ],
)
def test_a_template_that_cannot_be_read_says_where(template: str, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        compile_template(template)


@pytest.mark.parametrize(
    "template",
    [
        "#foreach($a in [1..1000])#foreach($b in [1..1000])x#end#end",
        "#foreach($a in [1..100000000])x#end",
        "#set($a = 'aaaaaaaaaaaaaaaa')#foreach($i in [1..40])#set($a = $a + $a)#end",
        "#set($a = 'aaaa')#foreach($i in [1..40])#set($a = $a.replace('a', $a))#end",
        "#set($a = 'aaaa')#foreach($i in [1..40])#set($a = $a.replaceAll('a', $a))#end",
        "#set($a = [])#foreach($i in [1..900])#set($a = [$a, $a])#end$a",
        "#set($a = [])$a.add($a)$a",
        "#set($a = {})#set($a.a = $a)$a",
        "#set($a = [1])#foreach($i in [1..900])#set($x = $a.addAll($a))#end",
        "#set($a = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$a.matches('(a+)+(a+)+(a+)+b')"
        "#foreach($i in [1..900])$a.matches('(a+)+(a+)+(a+)+b')#end",
    ],
)
def test_a_template_that_takes_too_much_is_stopped(template: str) -> None:
    with pytest.raises((TemplateFailure, TemplateError)):
        render(template)


@pytest.mark.parametrize(
    "template",
    [
        "$input.class",
        "$input.body.getClass().forName('x')",
        "$util.__class__",
        "#set($a = 1)$a.__class__",
        "$input.path('$').__init__",
    ],
)
def test_nothing_behind_the_values_is_reached(template: str) -> None:
    assert render(template) == ""


@given(st.text("$#{}()[]!.'\" =aifseltndorch12\\\n&|<>+-*/", max_size=50))
def test_any_text_is_filled_in_or_refused(template: str) -> None:
    try:
        render(template, {"a": [1]})
    except (TemplateError, TemplateFailure):
        return


@given(st.text("ab{}()[]\\\"'\n é\U0001f600", max_size=30))
def test_a_text_without_signs_comes_out_as_it_is(text: str) -> None:
    plain = text.replace("$", "").replace("#", "")

    assert render(plain) == plain


@given(st.text("ab'\"/\\\n\t\x01é\U0001f600", max_size=20))
def test_an_escaped_text_is_a_text_of_javascript(text: str) -> None:
    escaped = compile_template("$util.escapeJavaScript($input.path('$.t'))").render(
        Request(body=json.dumps({"t": text}))
    )

    # JSON knows all of its escapes but that of the single quote.
    assert json.loads('"' + escaped.text.replace("\\'", "'") + '"') == text
