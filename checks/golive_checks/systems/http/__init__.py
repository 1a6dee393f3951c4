"""What hosts answer over HTTP and WebSocket."""
