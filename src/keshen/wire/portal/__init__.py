"""The client's own door, `/wire/client/`: what stands in their stream, topics, alerts, agenda, account; and the wire's
public state."""
