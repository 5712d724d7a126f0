"""What the media room keeps: assets, the tracks and renditions they air and show as, and what was made from what."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Organisation, User
from keshen.media import houseformat


class Asset(models.Model):
    """A picture, film, sound or package of the house. Its terms are the rights room's, by `urn`.

    `key` is what makes a repeated request the same asset. `brief` is what a package is rendered from, and `measured`
    what was found in the source: loudness in LUFS, true peak in dBTP, cue points in ticks.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Sound")
        PACKAGE = "package", _("Package")
        CAPTION = "caption", _("Captions")

    class State(models.TextChoices):
        PREPARING = "preparing", _("Preparing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        QUARANTINED = "quarantined", _("Quarantined")

    urn = models.CharField(max_length=200, unique=True)
    key = models.CharField(max_length=200, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="assets")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=12, choices=State, default=State.PREPARING)
    title = models.CharField(max_length=300)
    credit = models.CharField(max_length=300, blank=True)
    alt = models.JSONField(default=dict, blank=True, help_text="What a picture shows, by language tag")
    duration_ticks = models.BigIntegerField(null=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    source_name = models.CharField(max_length=255, blank=True)
    brief = models.JSONField(null=True)
    measured = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True, help_text="Why it failed or is quarantined, or what it goes without")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "kind", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(duration_ticks__isnull=True)
                | models.Q(duration_ticks__gte=houseformat.MIN_ENTRY_TICKS),
                name="an_entry_has_three_ticks",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Track(models.Model):
    """One rendition of an asset in the house format: an init segment, and fragments joined in one blob.

    `segments` lists (ticks, offset, length) on the asset's cut list. A caption track's blob is the whole WebVTT file
    with times from the asset's start; it has no init and no segments.
    """

    class Kind(models.TextChoices):
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Sound")
        CAPTIONS = "captions", _("Captions")

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="tracks")
    kind = models.CharField(max_length=8, choices=Kind)
    rung = models.CharField(max_length=8)
    language = models.CharField(max_length=12, blank=True, help_text="BCP 47; empty where there is nothing to read")
    init_sha256 = models.CharField(max_length=64, blank=True)
    blob_sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    codecs = models.CharField(max_length=60, blank=True, help_text="RFC 6381")
    bandwidth = models.PositiveIntegerField(default=0, help_text="Peak, bits a second")
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    segments = models.JSONField(default=list)
    machine = models.BooleanField(default=False, help_text="Spoken or translated by a machine")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "kind", "rung", "language"], name="one_track_a_rung_and_language")
        ]

    def __str__(self) -> str:
        return f"{self.rung} {self.language}".strip()

    @property
    def cuts(self) -> list[int]:
        """Lengths of the segments in ticks."""
        return [int(ticks) for ticks, _offset, _length in self.segments]


class Piece(models.Model):
    """A segment made of a track for a cut that its own segments do not have, or with marks over the picture.

    It holds the ticks from `first_tick` of its asset, at `offset` of a blob, and goes with the track's own init
    segment. `form` is the digest of its look (`marks.look`), or which ends of the sound are faded (`cutlist.Need`).
    """

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="pieces")
    kind = models.CharField(max_length=8, choices=Track.Kind)
    rung = models.CharField(max_length=8)
    language = models.CharField(max_length=12, blank=True)
    first_tick = models.BigIntegerField()
    ticks = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=64, blank=True)
    blob_sha256 = models.CharField(max_length=64)
    offset = models.BigIntegerField(default=0)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["first_tick", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "kind", "rung", "language", "first_tick", "ticks", "form"], name="one_piece_a_cut"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rung} {self.language} {self.first_tick}+{self.ticks}"


class Rendition(models.Model):
    """A picture at one width, ready to be shown; the largest is no larger than the original.

    A picture with words in it may have renditions with these words in other languages and scripts, by `tag`.
    """

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="renditions")
    tag = models.CharField(max_length=12, blank=True, help_text="BCP 47 tag of the words in it; empty: as it came")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        ordering = ["width"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "tag", "width", "media_type"], name="one_rendition_a_width_and_type"
            )
        ]

    def __str__(self) -> str:
        return f"{self.media_type} {self.width} × {self.height}"


class Derivation(models.Model):
    """This was made from that. Either side is a URN: asset from asset, asset from version, version from version.

    `by` is the URN of a person, or the name of the program with its version; `how` is what it was told.
    """

    made_urn = models.CharField(max_length=200)
    from_urn = models.CharField(max_length=200)
    by = models.CharField(max_length=200)
    how: Any = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["from_urn"])]
        constraints = [models.UniqueConstraint(fields=["made_urn", "from_urn"], name="one_derivation_a_pair")]

    def __str__(self) -> str:
        return f"{self.made_urn} from {self.from_urn}"


class StageResult(models.Model):
    """What a stage of a long piece of work made, by what it was made from: a killed render goes on from here.

    `key` is a digest of everything the result depends on, so a row never goes stale; `facts` is what the next stage
    needs to know, and `blobs` names what is in the media store.
    """

    key = models.CharField(max_length=64, unique=True)
    stage = models.CharField(max_length=20)
    blobs = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.stage} {self.key[:12]}"
