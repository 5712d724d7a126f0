"""The house itself: organisations, services, editions, people, the event log, jobs, outlets and the staff shell."""
