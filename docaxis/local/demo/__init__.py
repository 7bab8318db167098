"""The demonstration: broker, hub and agencies on real AMQP, a scenario with its expectations, and the comparison."""
