"""Section 8 of the checklist: Stripe and the other gateways."""

from golive import Section

section = Section("payments", title="Stripe and the other gateways", number=8, modules=())
