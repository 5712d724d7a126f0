"""The continuous transport stream (ISO/IEC 13818-1): a function of the tick, down to each continuity counter."""
