"""The forms an item takes on the wire. A new form is one module here and one line in `registry`."""
