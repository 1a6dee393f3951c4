"""Payment gateways: Stripe, PayPal, MTN MoMo, Orange Money, and what an application does with their notices."""
