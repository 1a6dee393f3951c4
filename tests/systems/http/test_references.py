import time

import pytest

from golive_checks.systems.http.references import references

AT = "https://app.test/en/"

CASES = {
    '<script src="a.js"></script>': ["https://app.test/en/a.js"],
    "<SCRIPT type=module SRC=/a.js></SCRIPT>": ["https://app.test/a.js"],
    "<script\n  defer\n  src = '/a.js?x=1&amp;y=2#z'\n></script>": ["https://app.test/a.js?x=1&y=2"],
    '<link rel="stylesheet" href="/a.css">': ["https://app.test/a.css"],
    '<link href=/a.js rel="Preload MODULEPRELOAD">': ["https://app.test/a.js"],
    '<link rel=canonical href="/no"><a href="/no"><link href="/no">': [],
    '<img alt="a > b" src="/a.png"><img data-src="/no"><img src><img src="">': ["https://app.test/a.png"],
    '<img src="/first.png" src="/second.png">': ["https://app.test/first.png"],
    '<base href="/x/"><base href="/y/"><img src="a.png">': ["https://app.test/x/a.png"],
    '<script src="//cdn.test/a.js"></script>': ["https://cdn.test/a.js"],
    '<img src="data:x"><script src="javascript:x"></script><img src="https://[bad"><img src="https://a:bad/">': [],
    "<!-- <img src=/no> --><img src=/a.png><!-- <img src=/no>": ["https://app.test/a.png"],
    "<script>x = '<img src=/no>'</script><style><img src=/no></style><img src=/a.png>": ["https://app.test/a.png"],
    "<script><img src=/no>": [],
    '<script src="&#x2F;a&sol;b.js"></script>': ["https://app.test/a/b.js"],
    "<!--><script src=/a.js></script>": ["https://app.test/a.js"],
    "<!---><script src=/a.js></script>": ["https://app.test/a.js"],
    "<!-- x --!><script src=/a.js></script>": ["https://app.test/a.js"],
    "<p data-x=it's><script src=/a.js></script><p data-y='>": ["https://app.test/a.js"],
    "<script/src=/a.js></script>": ["https://app.test/a.js"],
    "<noscript><!--</noscript><script src=/a.js></script>-->": ["https://app.test/a.js"],
    "<noscript><img src=/no></noscript><template><img src=/no></template>": [],
    "<svg><script href=/a.js></script></svg><script href=/no></script>": ["https://app.test/a.js"],
    "<textarea><img src=/no></textarea><title><img src=/no></title>": [],
    "<imgs src=/no><scripted src=/no>": [],
}


@pytest.mark.parametrize(("text", "urls"), CASES.items(), ids=CASES)
def test_what_a_page_names(text: str, urls: list[str]) -> None:
    assert list(references(AT, text)) == urls


HOSTILE = [
    "<script ",
    '<img src="',
    "<img '\"",
    "<!--",
    "<script>",
    "</script",
    '<script ""',
    "<img " + "a" * 3000,
    "<img a=b ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_pages_take_no_longer_than_others(text: str) -> None:
    began = time.process_time()
    for _ in references(AT, text * (2_000_000 // len(text))):
        pass
    assert time.process_time() - began < 3
