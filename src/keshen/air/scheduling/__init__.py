"""What should be on the air: the lines people placed, the weekly template between them, and how both become one
schedule. Pure."""
