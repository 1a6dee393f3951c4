"""The DNS: addresses, zones, delegation, CAA, DNSSEC."""
