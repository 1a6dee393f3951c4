"""The database servers, and what is in them."""
