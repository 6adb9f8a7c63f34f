"""The base of every block of settings."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Base of every block: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
