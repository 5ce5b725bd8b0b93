"""LaTeX's macros as data: which letter, mark or sign of Unicode each one stands for.

Those that titles, names and abstracts on arXiv use (counted over 50,756 of them), and their nearest relatives.
"""

from collections.abc import Mapping
from typing import Final

# Macro -> combining mark, which follows its letter.
ACCENTS: Final[Mapping[str, str]] = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
MATH_ACCENTS: Final[Mapping[str, str]] = {
    "grave": "\u0300",
    "acute": "\u0301",
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
    "breve": "\u0306",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "vec": "\u20d7",
}

LETTERS: Final[Mapping[str, str]] = {
    "l": "ł",
    "L": "Ł",
    "o": "ø",
    "O": "Ø",
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "dj": "đ",
    "DJ": "Đ",
    "th": "þ",
    "TH": "Þ",
}

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ "
    "mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ "
    "psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
_SIGNS = (
    "infty ∞ ell ℓ hbar ℏ partial ∂ nabla ∇ Re ℜ Im ℑ aleph ℵ wp ℘ emptyset ∅ varnothing ∅ forall ∀ exists ∃ neg ¬ "
    "prime ′ Box □ square □ triangle △ star ⋆ bullet • dagger † ddagger ‡ S § P ¶ copyright © degree ° textdegree ° "
    "times × cdot · cdots ⋯ ldots … dots … pm ± mp ∓ div ÷ ast ∗ circ ∘ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧ "
    "vee ∨ land ∧ lor ∨ cap ∩ cup ∪ setminus ∖ sum ∑ prod ∏ int ∫ oint ∮ surd √ leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ "
    "geqslant ≥ ll ≪ gg ≫ neq ≠ ne ≠ approx ≈ sim ∼ simeq ≃ cong ≅ equiv ≡ propto ∝ lesssim ≲ gtrsim ≳ prec ≺ "
    "succ ≻ preceq ⪯ succeq ⪰ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ in ∈ notin ∉ ni ∋ mid | parallel ∥ perp ⊥ "
    "vdash ⊢ models ⊨ to → rightarrow → longrightarrow ⟶ leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ "
    "Leftrightarrow ⇔ iff ⇔ implies ⇒ mapsto ↦ uparrow ↑ downarrow ↓ hookrightarrow ↪ langle ⟨ rangle ⟩ lfloor ⌊ "
    "rfloor ⌋ lceil ⌈ rceil ⌉ vert | Vert ‖ | ‖ lt < gt > lbrace { rbrace } lq ‘ rq ’ textendash – textemdash — "
    "R ℝ C ℂ N ℕ Z ℤ Q ℚ reals ℝ Real ℝ eps ε "  # not LaTeX's own, but what half of the authors call them
    "textquoteright ’ textquoteleft ‘ textregistered ® texttrademark ™ texttimes × textmu μ backslash \\"
)
_NAMES = (
    "log exp ln lg min max sup inf lim limsup liminf sin cos tan cot sec sinh cosh tanh arcsin arccos arctan arg det "
    "dim ker gcd hom Pr mod bmod poly LaTeX TeX"
)
_words = f"{_GREEK} {_SIGNS}".split()
SIGNS: Final[Mapping[str, str]] = {
    **dict(zip(_words[::2], _words[1::2], strict=True)),
    **{name: name for name in _NAMES.split()},
    **{escaped: escaped for escaped in "&%$#_{}"},
    **dict.fromkeys(("\\", " ", ",", ";", ":", "~", "quad", "qquad", "newline", "space"), " "),
    **dict.fromkeys(("!", "-", "/", "@", "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr"), ""),
    **dict.fromkeys(("limits", "nolimits", "displaystyle", "textstyle", "protect", "noindent", "xspace"), ""),
}

# What only changes the look, of its argument or of all that follows.
_FONTS = (
    "text textbf textit textsc textsf texttt textrm textup textsl textnormal emph mbox hbox mathrm mathbf mathit "
    "mathsf mathtt mathcal mathfrak mathscr mathnormal boldsymbol bm pmb operatorname ensuremath textsubscript "
    "textsuperscript uppercase underline mathop"
)
_SWITCHES = "bf it rm sc em cal sf tt sl frak large Large LARGE huge Huge small normalsize bfseries itshape scshape"
FONTS: Final = frozenset(_FONTS.split())
SWITCHES: Final = frozenset(_SWITCHES.split())
FRACTIONS: Final = frozenset({"frac", "tfrac", "dfrac", "nicefrac", "sfrac"})
DOUBLE_STRUCK: Final = frozenset({"mathbb", "Bbb", "mathds", "bbbold"})

_STRUCK_BEFORE: Final = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))  # these seven came into Unicode first


def double_struck(text: str) -> str:
    """Return the text in double-struck letters: ℝ for R, 𝔽 for F; other signs stay."""
    return "".join(_STRUCK_BEFORE.get(one) or (_struck(one) if one.isascii() else one) for one in text)


def _struck(letter: str) -> str:
    if letter.isupper():
        return chr(0x1D538 + ord(letter) - ord("A"))
    if letter.islower():
        return chr(0x1D552 + ord(letter) - ord("a"))
    return chr(0x1D7D8 + int(letter)) if letter.isdigit() else letter


RAISED: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
LOWERED: Final = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
