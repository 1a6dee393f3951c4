"""Prometheus, Alertmanager and uptime monitors."""
