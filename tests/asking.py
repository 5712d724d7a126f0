"""httpx, with the patience of a test: by itself it gives a server five seconds."""

from __future__ import annotations

from functools import partial

import httpx

from tests.waiting import LIMIT

get = partial(httpx.get, timeout=LIMIT)
head = partial(httpx.head, timeout=LIMIT)
options = partial(httpx.options, timeout=LIMIT)
post = partial(httpx.post, timeout=LIMIT)
put = partial(httpx.put, timeout=LIMIT)
