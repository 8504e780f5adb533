"""Settings of the AI service."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AiSettings(BaseSettings):
    """Read once, at the start; environment variables begin with OUTCRY_AI_."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_AI_", frozen=True)

    most_at_once: int = Field(default=16, ge=1, le=1000, description="Most replies that are written at the same time.")
    first_token_s: float = Field(
        default=20.0, gt=0, le=600, description="Seconds that a model server has for the first token of an answer."
    )
    stall_s: float = Field(
        default=20.0, gt=0, le=600, description="Seconds that a model server may be silent within an answer."
    )
    whole_answer_s: float = Field(default=300.0, gt=0, le=3600, description="Seconds that a whole answer may take.")
    most_requests: int = Field(
        default=8, ge=2, le=50, description="Most turns of a model within one answer, tool calls included."
    )
    most_tool_calls: int = Field(default=40, ge=1, le=200, description="Most tool calls within one answer.")
    most_characters: int = Field(default=24_000, ge=500, le=200_000, description="Most characters of an answer.")
    most_waiting: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Most questions of a room that wait while one is answered; more are refused, which is said there.",
    )
    history_messages: int = Field(
        default=40, ge=0, le=200, description="Most earlier messages of the room that a model gets to read."
    )
    history_tokens: int = Field(
        default=4000, ge=0, le=200_000, description="About how many tokens those messages may have together."
    )
    most_tries: int = Field(
        default=30,
        ge=1,
        description="How often a reply is begun anew after a crash or a fault before it is given up. Every answer under"
        " way when the process dies counts one, so a machine that dies often must not use them up.",
    )
