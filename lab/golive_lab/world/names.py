"""The names of the reference stack: one zone, three hosts."""

ZONE = "demo.test"
API, APP, SHOP = f"api.{ZONE}", f"app.{ZONE}", f"shop.{ZONE}"
WWW = f"www.{ZONE}"
"""The public site, to which the zone's own name leads."""
HOSTS = (API, APP, SHOP)
