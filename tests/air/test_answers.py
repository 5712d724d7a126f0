"""Answers of the air as HTTP wants them."""

from __future__ import annotations

import gzip

from hypothesis import given
from hypothesis import strategies as st

from keshen.air.serving import http


@given(st.binary(min_size=1, max_size=300), st.integers(1, 300))
def test_what_is_compressed_is_the_body_again(piece: bytes, times: int) -> None:
    answer = http.fresh(piece * times, "text/plain")
    assert bool(answer.zipped) == (len(answer.body) > http.WORTH_ZIPPING)
    assert not answer.zipped or gzip.decompress(answer.zipped) == answer.body
