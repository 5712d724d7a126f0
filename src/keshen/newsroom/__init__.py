"""CREATE: stories, their texts and versions, workflow, publications and corrections."""
