"""One timeline in every form it leaves in: HLS, DASH, transport stream, radio stream, DVB-I, captions, splices."""
