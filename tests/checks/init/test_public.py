"""The profile of hosts that none names: from URLs, and how they are reached."""

from __future__ import annotations

import pytest

from golive_checks.init.public import profile


@pytest.mark.parametrize(
    ("urls", "hosts"),
    [
        (["https://shop.tisane.eu/"], {"shop.tisane.eu": {"role": "shop"}}),
        (["https://Tisane.EU."], {"tisane.eu": {"role": "site"}}),
        (["https://api.tisane.eu/v1/teas"], {"api.tisane.eu": {"role": "api", "api_path": "/v1/teas"}}),
        (["https://a.eu:8443", "http://a.eu:8080"], {"a.eu": {"role": "site", "port": 8443, "http_port": 8080}}),
        (["https://a.eu", "https://b.eu"], {"a.eu": {"role": "site"}, "b.eu": {"role": "site"}}),
    ],
)  # fmt: skip
def test_hosts_of_urls(urls, hosts):
    made = profile(urls, (), "", ())
    found = {host.pop("name"): host for host in made["hosts"].values()}
    assert found == {name: host | {"edge": "other"} for name, host in hosts.items()}
    assert made["environment"] == (next(iter(hosts)) if len(hosts) == 1 else "2 hosts")


NO_HOSTS = [
    "https://",
    "https://192.0.2.7",
    "https://[::1]/",
    "https://shop",
    "https://a.eu:x",
    "https://u:hunter22@a.eu",
]


@pytest.mark.parametrize("url", NO_HOSTS)
def test_what_names_no_host_is_refused_without_repeating_a_password(url):
    with pytest.raises(ValueError, match=r"\w") as refused:
        profile([url], (), "", ())
    assert "hunter22" not in str(refused.value)


def test_a_host_that_is_not_public_yet_is_looked_at_where_it_is():
    made = profile(["https://shop.tisane.eu"], (), "/roots.pem", ("10.0.0.7",))
    assert made["hosts"]["shop-tisane-eu"]["reached_at"] == ["10.0.0.7"]
    assert made["trust"] == {"ca_file": "/roots.pem"}
    assert "domains.dns" not in made["checklist"]["only"]  # it need not be there
    asked = profile(["https://shop.tisane.eu"], ("10.0.0.2",), "", ("10.0.0.7",))
    assert asked["dns"] == {"resolvers": ["10.0.0.2"]}
    assert "domains.dns" in asked["checklist"]["only"]
