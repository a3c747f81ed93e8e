"""Sentences from templates with tested conditions; none that a number does not carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from straits.analysis.comparison import Effect, PolicyInfo
from straits.results.measures import MEASURES

__all__ = ["amount", "headline", "notes", "paragraph", "phrase"]

Effects = Mapping[tuple[str, str], Effect]


def amount(value: float) -> str:
    """Return a number with about two significant digits, thousands by comma."""
    size = abs(value)
    if size >= 1000:
        digits = -2 if size < 10_000 else -3
        return f"{round(size, digits):,.0f}"
    if size >= 10:
        return f"{size:.0f}"
    if size >= 1:
        return f"{size:.1f}".rstrip("0").rstrip(".")
    return f"{size:.2g}"


def lowered(label: str) -> str:
    """Return a label for the middle of a sentence; names keep their capitals."""
    names = ("UK", "French", "France", "NGO", "Kent", "Official head")
    return label if label.startswith(names) else label[:1].lower() + label[1:]


def phrase(effect: Effect) -> str:
    """Return an effect in words: "about 11 min less", "cannot be said", "no change"."""
    if effect.verdict == "none":
        return "no change"
    if effect.verdict == "unclear":
        return "less or more, cannot be said"
    unit = MEASURES[effect.measure].unit.split(",")[0]
    size, shown = abs(effect.difference), effect.difference
    if unit == "min" and size < 1.0:
        # Less than a minute is said in seconds.
        unit, shown = "s", 60.0 * effect.difference
    elif unit.startswith("thousand ") and size >= 1000.0:
        unit, shown = unit.replace("thousand", "million", 1), effect.difference / 1000.0
    amounts = unit == "s" or unit.startswith(("min", "£", "%", "thousand h", "million h"))
    word = "more" if effect.difference > 0 else "less" if amounts else "fewer"
    return f"about {amount(shown)} {unit} {word}"


# What a headline tells, the first of them that is clear.
_MAIN = ("undetected_crossings", "site_stock", "lorry_delay_to_uk", "returned", "uk_asylum_claims")


def _days(days: int) -> str:
    return f"{days} day{'s' if days != 1 else ''}"


def _subject(effects: Effects, policies: Sequence[PolicyInfo]) -> PolicyInfo | None:
    """Return the policy that the paragraph speaks of: the first that clearly moves a control.

    If none does, the one with most of the headline's measures clear.
    """
    others = [p for p in policies[1:] if not p.shares_runs]
    moved = [p for p in others if not p.maintains_arrangements]

    def clear(policy: PolicyInfo) -> int:
        return sum(effects[(policy.policy, name)].verdict == "clear" for name in _MAIN)

    for policy in [*moved, *sorted(others, key=clear, reverse=True)]:
        if any(effects[(policy.policy, name)].verdict == "clear" for name in MEASURES):
            return policy
    return None


def headline(effects: Effects, policies: Sequence[PolicyInfo], days: int) -> str:
    """Return one sentence of what the simulation found."""
    policy = _subject(effects, policies)
    if policy is None:
        return f"Within {_days(days)} no policy differs clearly from the status quo."
    lorry = effects[(policy.policy, "kent_delay_hours")]
    claims = effects[(policy.policy, "uk_asylum_claims")]
    if lorry.verdict == "clear" and claims.verdict == "clear":
        waits = "longer" if lorry.difference > 0 else "shorter"
        more = "more" if claims.difference > 0 else "fewer"
        return f"{policy.title}: {waits} waits in Kent, {more} UK asylum claims"
    for name in _MAIN:
        effect = effects[(policy.policy, name)]
        if effect.verdict == "clear":
            return f"{policy.title}: {lowered(MEASURES[name].label)}, {phrase(effect)}"
    return f"{policy.title}: the scorecard's main measures cannot be told from the status quo"


def paragraph(effects: Effects, policies: Sequence[PolicyInfo], days: int) -> str:
    """Return the plain paragraph: what changes, for whom, by how much, what cannot be said."""
    policy = _subject(effects, policies)
    if policy is None:
        return (f"Within {_days(days)} no policy differs from the status quo in a way that all "
                "rows share. That is a statement about this window and these assumptions, not "
                "about the policies for good.")

    def of(name: str) -> str:
        return phrase(effects[(policy.policy, name)])

    pace = "" if days >= 365 else (
        f"Numbers a month or a year are the pace of these {days} days, not of a year. ")
    parts = [
        f"{pace}{policy.title}. Lorries bound for the UK: {of('lorry_delay_to_uk')} of delay; "
        f"bound for France: {of('lorry_delay_to_fr')}. Cars and coaches to the UK: "
        f"{of('car_delay_to_uk')}; to France: {of('car_delay_to_fr')}.",
        f"People at the site on the last day: {of('site_stock')}. Undetected crossings: "
        f"{of('undetected_crossings')}. Asylum claims to the UK: {of('uk_asylum_claims')}; in "
        f"France: {of('france_asylum_claims')}. Days without shelter: {of('without_shelter')}.",
    ]
    unclear = [lowered(MEASURES[name].label) for name in
               ("deaths", "returned", "public_cost_uk", "public_cost_fr")
               if effects[(policy.policy, name)].verdict == "unclear"]
    if unclear:
        parts.append("Cannot be said: " + ", ".join(unclear) + ".")
    if effects[(policy.policy, "deaths")].verdict == "clear":
        parts.append(f"Deaths: {of('deaths')}; too few to rank any policy by.")
    return " ".join(parts)


def notes(
    policies: Sequence[PolicyInfo], days: int, rows: int, timing: str, more: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return what the reader must know beside the table."""
    out = []
    when = ("in force on the decision day, capacity ramps included" if timing == "immediate"
            else "at their stated dates")
    out.append(f"Policies are simulated {when}.")
    waiting = [p.policy for p in policies if p.no_effect_yet]
    if waiting:
        out.append(f"No effect is possible yet within {_days(days)}: {', '.join(waiting)}.")
    if rows < 10:
        few = f"{rows} rows are few" if rows > 1 else "One row has no interval"
        out.append(f"{few}: intervals will widen with more.")
    out.append("Costs are those of the window: what claims made in it cost later is not in them.")
    out.append("Smuggling groups: cannot be decided here.")
    out.append("Full buffers block, roads fill, late ships hold berths; fleets do not rotate, and "
               "how much room a plaza has is mostly assumed.")
    out += more
    out.append("For exploration and scrutiny, not a forecast. Attempts are events, not people.")
    return tuple(out)
