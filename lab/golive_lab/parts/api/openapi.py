"""The API's document, as NestJS or FastAPI serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from golive_lab.world.login import DELETE_PATH, EXPORT_PATH, ME_PATH, SESSION_PATH

if TYPE_CHECKING:
    from golive_lab.world.app import App

PATH = "/openapi.json"


def document(app: App) -> dict[str, Any]:
    """Describe the API's routes."""
    routes = {"/api/v1/products": ["get"], SESSION_PATH: ["get"], ME_PATH: ["get"], "/webhooks/stripe": ["post"]}
    if app.login.documented:
        routes |= {EXPORT_PATH: ["get"]} if app.login.export != "missing" else {}
        routes |= {DELETE_PATH: ["delete"]} if app.login.delete != "missing" else {}
    paths = {
        path: {method: {"responses": {"200": {"description": "OK"}}} for method in of} for path, of in routes.items()
    }
    return {"openapi": "3.1.0", "info": {"title": "AfriGest", "version": app.version}, "paths": paths}
