"""Why a document cannot be made."""


class CannotBeMade(Exception):
    """A form of a document cannot be made: `code` names the reason, the message is one sentence about what to do."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


def require(party: dict, code: str, *names: str) -> None:
    """Raise CannotBeMade when an account lacks some of its columns; of `a or b`, both."""
    lacking = [name for name in names if not any(party[one] for one in name.split(" or "))]
    if lacking:
        raise CannotBeMade(code, f"account {party['account_id']} lacks {', '.join(lacking)}")
