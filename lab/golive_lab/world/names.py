"""The names of the reference stack: one zone, three hosts."""

ZONE = "demo.test"
API, APP, SHOP = f"api.{ZONE}", f"app.{ZONE}", f"shop.{ZONE}"
HOSTS = (API, APP, SHOP)
