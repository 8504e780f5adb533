"""What can be set of the charts service: environment variables that begin with ``OUTCRY_CHARTS_``."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ChartsSettings(BaseSettings):
    """The settings of the charts service."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_CHARTS_", frozen=True)

    replay_running: bool = Field(default=True, description="Whether a replay runs until somebody stops it.")
    replay_speed: int = Field(
        default=4800,
        ge=1,
        le=100_000,
        description="Market seconds that the replay plays in a second, at first.",
    )
    replay_speeds: tuple[int, ...] = Field(
        default=(60, 300, 1200, 4800), description="The replay speeds that are offered, in market seconds a second."
    )
    import_bytes: int = Field(
        default=200_000_000, ge=1_000, description="The most bytes of an uploaded file, as it is and unpacked."
    )
    import_rows: int = Field(default=5_000_000, ge=1, description="The most rows of an uploaded file.")
    import_keep_days: int = Field(
        default=90, ge=1, description="How many days a past import is kept with the rows that it refused."
    )
    import_keep_most: int = Field(
        default=1_000, ge=1, description="How many past imports of an organisation are kept, the newest."
    )
    live_late_seconds: float = Field(
        default=2.0,
        ge=0,
        le=60,
        description="How late a live trade may come and still count: a bar closes so many seconds after its end.",
    )
    live_ahead_seconds: float = Field(
        default=10.0,
        ge=0,
        le=600,
        description="How far a live trade's time may be ahead of the clock here, and how fast that clock may be.",
    )
    live_backfill_days: int = Field(
        default=1,
        ge=0,
        le=30,
        description="How many days before today minutes are fetched of a symbol that is followed for the first time; a "
        "gap that is longer is such a beginning, too.",
    )
