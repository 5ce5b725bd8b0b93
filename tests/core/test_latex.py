"""LaTeX in titles, names and abstracts: what people read, and by what it is found."""

import datetime as dt
import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.evaluation import Evaluated, matches
from bot.latex import letters, readable, readable_names
from bot.names import fold_name, same_author
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.query import Kind, Rule, Term
from bot.query_parser import parse_rules
from bot.reply import paper_line
from bot.snippet import snippet

BULK = Path(__file__).parents[3] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # accents and letters, however they are braced
        (r"Schr\"odinger, Schr\"{o}dinger, Schr{\"o}dinger", "Schrödinger, Schrödinger, Schrödinger"),
        (r"\'{E}l\H{o}, Erd\H os, Fran\c{c}ois, Ga\v{s}per, di\u{a}n", "Élő, Erdős, François, Gašper, diăn"),
        (r"Wroc{\l}aw, S{\o}ren, \AA ngstr\"om, Stra\ss e, \OE uvre", "Wrocław, Søren, Ångström, Straße, Œuvre"),
        (r"Jos\'{\i}, \'\i n, na\"{\i}ve", "Josí, ín, naïve"),
        (r"Andr\' e", "André"),
        # formulas without their dollars
        (r"$\rho$-hot, $p$-Laplacian, $1D$", "ρ-hot, p-Laplacian, 1D"),
        (r"$O(n^2)$, $H^{-1}$, $\ell_1$, $^{11}$Be, C$^2$VAE", "O(n²), H⁻¹, ℓ₁, ¹¹Be, C²VAE"),
        (r"$n^{2.5}$, $W^{1,p}$, $L^p(\mathbb{R}^d)$", "n^2.5, W^(1,p), L^p(ℝ^d)"),
        (r"$\mathbb{F}_2$, $\mathbb R^3$, $\mathcal{N}$, $\mathbf{x}$, $\R$", "𝔽₂, ℝ³, N, x, ℝ"),
        (
            r"$\frac{3}{2}$, $\frac 3 2$, $\frac{a+b}{c}$, $\sqrt{n}$, $\sqrt[3]{\log n}$",
            "3/2, 3/2, (a+b)/c, √n, ∛(log n)",
        ),
        (r"$\tilde{O}(m)$, $\hat c=1$, $\bar{b}$", "Õ(m), ĉ=1, b̄"),
        (r"$e^+e^- \to W^+W^-$, $k\leq 2$, 45$^\circ$", "e⁺e⁻ → W⁺W⁻, k≤ 2, 45°"),
        (r"$\{0,1\}^n$, $\mathbb{1}$, $\mathbb{k*}$, $x_\infty$, $f^*$", "{0,1}ⁿ, 𝟙, 𝕜*, x_∞, f*"),
        (r"${\bf P}^3$, $\mathrm{L}^{2}_{\alpha} $-solutions", "P³, L²_α-solutions"),
        # commands outside of formulas
        (r"\textsc{ParseTalk}, {\sc Sparse Cut}, \emph{so}, \underline{V}ol", "ParseTalk, Sparse Cut, so, Vol"),
        (r"An \Omega(n log n) bound, O(n \log n), 360{\deg}", "An Ω(n log n) bound, O(n log n), 360°"),
        (r"100\% \& more for \$5, a\_b, \#1", "100% & more for $5, a_b, #1"),
        (r"``No-Go'' and `words'", "“No-Go” and `words'"),
        ("LEP~II", "LEP II"),
        ("{GPT}-4 and {B}ERT", "GPT-4 and BERT"),
        ("Hennessy&#39;s<br> Merge &amp; Co", "Hennessy's Merge & Co"),
        (r"\texorpdfstring{$\mu$}{mu}TVM", "muTVM"),
    ],
)
def test_latex_is_read_as_it_is_meant(written: str, read: str) -> None:
    assert readable(written) == read


@pytest.mark.parametrize(
    "plain",
    [
        "for the 99%",
        "from $5 to $10",
        "$5-$10 a day",
        "US$ 5 and AU$ 6",
        "R&D at AT&T; Q&A",
        "50% & more, ~10 #1",
        "|{Math, Philosophy, Writing}| = 1",
        "R^n, snake_case, O_FT@EvalLLM2025, (1|1)_R",
        "DL<ForAllPiZero>, a < b > c",
        "it's 5'' long",
        "C:\\",
        "$",
        "$$",
        "{",
        "}{",
        "\\",
        "^_",
        "",
    ],
)
def test_text_that_is_no_latex_stays_as_it_is(plain: str) -> None:
    assert readable(plain) == plain


@pytest.mark.parametrize(
    "written",
    [
        r"$2^{\log^{1-\unheardof} n}$",
        r"$\overline{xy}$",
        r"over $\bbR^n$-trees",
        r"\Mgbar",
        r"Free \k Relativistic",
        r"\url{https://github.com/a_b/c}",
        r"Bolboac{\ba}",
        r"\frac",
        r"$\begin{pmatrix}a & b\end{pmatrix}$",
        "{" * 10_000 + "\\",
        "\\sqrt{" * 5_000,
        "\\sqrt" * 5_000,
        "\\'" * 5_000,
        "$" + "^{x" * 5_000 + "$",
    ],
)
def test_what_nobody_can_tell_is_left_as_it_was_written(written: str) -> None:
    assert readable(written) == written


@given(st.text(alphabet=st.sampled_from("\\{}$^_~%&#'`\"aob1 ,<>;\n")) | st.text())
def test_no_text_is_too_strange(strange: str) -> None:
    shown = readable(strange)
    assert len(shown) <= 2 * len(strange) + 1
    letters(strange)


@given(st.text(alphabet=st.characters(exclude_characters="\\{^_$~`&<")))
def test_text_without_any_of_its_marks_is_the_same_object(plain: str) -> None:
    assert readable(plain) is plain
    assert letters(plain) is plain


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (r"Schr\"odinger", "Schrödinger"),
        (r"Poincar{\'e} and Poincar\'{e}", "Poincaré and Poincaré"),
        (r"Wroc{\l}aw, \'{\i}n, \c{c}a, \v s", "Wrocław, ín, ça, š"),
        (r"$\alpha$-divergence, $\sqrt{n}$, \tilde{O}", r"$\alpha$-divergence, $\sqrt{n}$, \tilde{O}"),
    ],
)
def test_a_search_sees_the_letters_and_the_names_of_signs(written: str, found: str) -> None:
    assert letters(written) == found


@pytest.mark.parametrize("typed", ["schrodinger", "Schrödinger", r"schr\"odinger", "SCHRÖDINGER"])
def test_an_accent_in_a_title_is_found_with_it_and_without(typed: str) -> None:
    paper = Paper(PaperId(Scheme.ARXIV, "2508.00001"), r"The nonlinear Schr\"odinger equation in $\alpha$-space")
    assert text.words(typed) == ["schrodinger"]
    for rule in (Rule.of([Term(Kind.TITLE, typed)]), Rule.of([Term(Kind.TEXT, "alpha")])):
        assert matches(rule, Evaluated(paper))


def test_an_author_is_found_however_the_name_was_written() -> None:
    for typed in ("Andre Durao", "André Durão", r"Andr\'e Dur\~{a}o"):
        assert same_author(typed, r"Andr\'e Dur\~ao")
        assert fold_name(typed) == "andre durao"


def test_a_list_shows_titles_and_names_in_unicode_and_the_store_keeps_what_was_written() -> None:
    paper = Paper(
        PaperId(Scheme.ARXIV, "2508.00001"),
        r"Schr\"odinger in $\mathbb{R}^3$",
        authors=(r"Andr\'e Durand", "Bo Li"),
        abstract=r"A na\"{\i}ve look at waves.",
        listings=(Listing("huggingface", dt.date(2025, 8, 1), summary=r"$\Psi$ is looked at."),),
    )
    line = paper_line(paper)
    assert line.summary == "Ψ is looked at."
    assert (line.title, line.authors) == ("Schrödinger in ℝ³", ("André Durand", "Bo Li"))
    assert paper.title == r"Schr\"odinger in $\mathbb{R}^3$"
    assert snippet(paper.title, paper.abstract, parse_rules("naive")) == (
        ("A ", False),
        ("naïve", True),
        (" look at waves.", False),
    )
    assert readable_names(("Bo Li",)) == ("Bo Li",)


def test_all_recorded_titles_and_authors_go_through() -> None:
    if not BULK.is_file():
        pytest.skip("the recorded papers (../shared/data/bulk) are not beside this checkout")
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    began = time.process_time()
    titles = [readable(paper["title"]) for paper in papers]
    names = [readable(name) for paper in papers for name in paper["authors"]]
    for name in set(names):
        fold_name(name)
    assert time.process_time() - began < 20  # 3 s on a slow machine
    assert len(titles) == 50_756
    changed = [(paper["title"], title) for paper, title in zip(papers, titles, strict=True) if paper["title"] != title]
    assert 2_000 < len(changed) < 2_500
    assert all(title for _, title in changed)
    assert sum("\\" in title for title in titles) < 40  # authors' own macros, each left as it was written
    assert sum("\\" in name for name in names) < 10
    kept = [(before, after) for before, after in changed if "$" in after]
    assert all("\\" in after or "$" in before for before, after in kept)
