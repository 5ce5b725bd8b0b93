"""The form for a follow: a kind, its value, and what to leave out."""

from collections.abc import Mapping

from adapters.discord.form_parts import FOLLOW, Form, choice, line
from bot.query import Kind
from bot.rule_form import FORM_KINDS, rule_typed, without

KIND, VALUE, UNWANTED = "kind", "value", "unwanted"
_LENGTH = 1_000
_HINT = 100


def follow_form(typed: Mapping[str, list[str]]) -> Form:
    """Return the form, filled as it was typed before."""
    kinds = {str(kind): told.label for kind, told in FORM_KINDS.items()}
    return Form(
        FOLLOW,
        "Add a follow",
        [
            choice(KIND, "Bring me papers by", "", kinds, typed.get(KIND) or [Kind.TEXT]),
            line(VALUE, "Which", "A name, cs.CL, or words such as: agents “tool use”"[:_HINT], typed, most=_LENGTH),
            line(
                UNWANTED,
                "But not",
                "Leave out papers with these words, or facets such as cat:cs.CV.",
                typed,
                most=_LENGTH,
                needed=False,
            ),
        ],
    )


def follow_rule(typed: Mapping[str, list[str]]) -> str:
    """Return the rule that somebody put together, as it would be typed. Raises UserError with what is wrong."""
    kind = Kind((typed.get(KIND) or [Kind.TEXT])[0])
    return without(rule_typed(kind, " ".join(typed.get(VALUE) or ())), " ".join(typed.get(UNWANTED) or ()))
