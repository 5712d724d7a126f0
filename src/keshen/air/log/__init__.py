"""The laid log: from the schedule to numbered entries in the database, and what they need prepared before they air."""
