"""The demonstration: a private broker, a hub, agencies on real AMQP, a scenario with its expectations, and the comparison."""
