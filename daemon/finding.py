"""What the doctor found out about one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. What is not serious costs comfort, not music."""

    what: str
    ok: bool
    seen: str
    fix: str = ""
    serious: bool = True
