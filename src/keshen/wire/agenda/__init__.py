"""What clients are told of in advance: events and plans that the agency announced, and its own items that wait."""
