"""Stand-ins for the payment gateways' APIs, which exist at their vendors alone, in the vendors' wire formats."""
