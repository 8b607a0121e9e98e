"""What the sections of billing.toml have in common."""

import os

from pydantic import BaseModel, ConfigDict

from billing_assets.contract import ConfigurationError

_ENVIRONMENT = "env:"


class Section(BaseModel):
    """A section: an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_from_environment(value: str) -> bool:
    """Whether a setting names a variable of the environment instead of giving the value."""
    return value.startswith(_ENVIRONMENT)


def from_environment(value: str, key: str) -> str:
    """The value of a setting; `env:NAME` is that of the environment variable NAME.

    Raises ConfigurationError, which names the key, when the variable is not set.
    """
    if not is_from_environment(value):
        return value
    variable = value.removeprefix(_ENVIRONMENT)
    if not os.environ.get(variable):
        raise ConfigurationError(f"billing.toml: {key}: the environment variable {variable} is not set")
    return os.environ[variable]
