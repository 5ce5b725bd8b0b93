"""A digest's post as the store gets it, with an accent, a zero and what is unknown in it."""

import datetime as dt

from bot.reply import Action, DigestPost, PaperLine, Section

LINE = PaperLine(
    id="arxiv:2506.00001",
    title="Étude",
    url="https://arxiv.org/abs/2506.00001",
    authors=("Ada Lovelace",),
    votes=0,
    team_votes=0,
    comments=None,
    published=dt.date(2025, 6, 2),
    announced=None,
    categories=("cs.CL",),
    organisation=None,
    code_url=None,
    stars=0,
    summary="In short.",
    why=("No. 1 by votes",),
)
POST = DigestPost(
    "Daily papers", (Section(None, (LINE,)), Section("Late", ())), 3, "daily · top 10", (Action("All", "2025-06-11"),)
)
