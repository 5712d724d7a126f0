"""The public face on the internet: editions, fronts, stories, feeds, search, players and the guide."""
