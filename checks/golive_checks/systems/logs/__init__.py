"""Log lines, log rotation, and audit trails."""
