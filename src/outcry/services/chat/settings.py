"""Settings of the chat service."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ChatSettings(BaseSettings):
    """Read once, at the start; environment variables begin with OUTCRY_CHAT_."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_CHAT_", frozen=True)

    public_url: str = Field(default="", description="Where people reach the installation; links in mails lead there.")
    longest_message: int = Field(default=8_000, ge=1, le=100_000, description="Most characters of a posted message.")
    most_in_group: int = Field(default=12, ge=2, le=100, description="Most members of a group room.")
    most_members: int = Field(default=500, ge=2, le=10_000, description="Most members of a room.")
    log_entries: int = Field(
        default=10_000, ge=100, le=10_000_000, description="Most entries that a room's log keeps for who comes back."
    )
    largest_file: int = Field(default=25_000_000, ge=1_000, le=200_000_000, description="The most bytes of a file.")
    organisation_files: int = Field(
        default=5_000_000_000, ge=1_000, description="The most bytes that the files of an organisation have together."
    )
    log_days: int = Field(default=30, ge=1, le=3_650, description="Days that a room's log keeps entries.")
