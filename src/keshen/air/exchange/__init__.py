"""Schedule and as-run as files of other systems: JSON, CSV, M3U, XMLTV, BXF. Pure but for reading what is written."""
