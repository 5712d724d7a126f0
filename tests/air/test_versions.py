"""Versions of the guide in the stream: never the same for two tables in a row, and the same on every node."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from keshen.air.ways_out.transport_stream import tables, versions

digests = st.lists(st.one_of(st.integers(0, (1 << 32) - 1), st.integers(0, 3)), min_size=1, max_size=60)


@given(digests)
def test_tables_that_follow_each_other_have_different_versions(all_of: list[int]) -> None:
    given_ = [versions.follows(all_of[: end + 1]) for end in range(len(all_of))]
    assert all(0 <= version < 32 for version in given_)
    assert all(one != other for one, other in pairwise(given_))


@given(digests, digests, digests)
def test_what_lies_before_a_table_of_its_own_counts_for_nothing(
    one: list[int], other: list[int], rest: list[int]
) -> None:
    """Nodes that know the guide from different moments on agree, from the first table no neighbour can push on."""
    settled = [7, 20]
    assert versions.follows([*one, *settled, *rest]) == versions.follows([*other, *settled, *rest])


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 70)), min_size=1, max_size=80))
def test_edits_change_the_version_whenever_they_change_the_table(tables_sent: list[tuple[int, int]]) -> None:
    """Programmes go on, and the table of the one that is on is changed by edits, and changed back."""
    told, now = versions.Told(), 0
    last: tuple[int, int, int] | None = None
    for later, digest in tables_sent:
        now += later
        version = told.version(now, digest, digest % 32, now - later if later else None)
        if last is not None:
            assert (version == last[2]) == ((now, digest) == last[:2]), "the same exactly when it says the same"
        last = (now, digest, version)


def event(title: str) -> tables.Event:
    return tables.Event(5_625_000, 5_625, [("kk", title)])


def test_the_digest_is_of_all_the_table_says() -> None:
    pairs = [(event("A"), event("B")), (event("A"), event("C")), (event("B"), event("A")), (event("A"), None)]
    assert len({tables.eit_digest(*pair) for pair in pairs}) == len(pairs)
    for section in tables.eit(1, *pairs[0], version=31):
        assert section[5] >> 1 & 31 == 31
