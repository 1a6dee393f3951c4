"""The database servers, and what lies in them."""
