"""What can be set of the audit service: environment variables that begin with ``OUTCRY_AUDIT_``."""

from pydantic import Field, FilePath
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
    report_font: FilePath | None = Field(
        default=None,
        description="A TrueType font for names in scripts that the report's own has not, such as Chinese or Arabic.",
    )
