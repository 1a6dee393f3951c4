"""TLS: handshakes, chains, trust."""
