"""nginx's configuration."""
