"""What can be set of the audit service: environment variables that begin with ``OUTCRY_AUDIT_``."""

from typing import Self

from pydantic import Field, FilePath, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class AuditSettings(BaseSettings):
    """The settings of the audit service."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_AUDIT_", frozen=True)

    origin: str = Field(
        default="outcry/audit",
        pattern=r"^[A-Za-z0-9._/-]{1,100}$",
        description="The name of the key that signs checkpoints; with an organisation's id, of its log. Keep it.",
    )
    checkpoint_every_s: float = Field(
        default=60, gt=0, le=3600, description="After so many seconds a checkpoint of each log that grew is signed."
    )
    checkpoint_entries: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="A checkpoint is signed whenever a log has grown by so many entries.",
    )
    keep_days: int = Field(
        default=0, ge=0, le=36_500, description="Entries older than so many days move to the archive; 0 keeps them."
    )
    archive_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="So many days after they moved there, entries are removed for good but for their hash; 0 never.",
    )
    lock_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="For so many days S3 lets nobody remove copies of checkpoints and archives, if it has Object Lock.",
    )
    report_font: FilePath | None = Field(
        default=None,
        description="A TrueType font for names in scripts that the report's own has not, such as Chinese or Arabic.",
    )

    @model_validator(mode="after")
    def _locks_end_before_removals(self) -> Self:
        if 0 < self.archive_days < self.lock_days:
            raise ValueError("OUTCRY_AUDIT_LOCK_DAYS must not be more than OUTCRY_AUDIT_ARCHIVE_DAYS")
        return self
