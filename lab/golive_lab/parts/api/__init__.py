"""The API, and the chat server beside it."""
