"""What watches the reference stack: Prometheus, Alertmanager, and the process whose numbers they look at."""
