"""httpx, with the patience of a test: by itself it gives a server five seconds.

And without the world's certificates, which it reads anew for every single request: twenty milliseconds of a processor
for servers of this machine that have none, and more where a test asks until somebody answers.
"""

from __future__ import annotations

from functools import partial

import httpx

from tests.waiting import LIMIT

get = partial(httpx.get, timeout=LIMIT, verify=False)
head = partial(httpx.head, timeout=LIMIT, verify=False)
options = partial(httpx.options, timeout=LIMIT, verify=False)
post = partial(httpx.post, timeout=LIMIT, verify=False)
put = partial(httpx.put, timeout=LIMIT, verify=False)
