"""Readability formulas by language: words, sentences and syllables counted, no more.

- English: Flesch, "A new readability yardstick", J. Applied Psychology 32 (1948), doi:10.1037/h0057532:
  206.835 - 1.015 words/sentence - 84.6 syllables/word.
- German: Amstad, "Wie verständlich sind unsere Zeitungen?", Zürich 1978: 180 - words/sentence - 58.5 syllables/word.
- Czech: Bendová, "Using a parallel corpus to adapt the Flesch Reading Ease formula to Czech", Jazykovedný časopis
  72 (2021): 206.835 - 1.672 words/sentence - 62.18 syllables/word.
- Slovak: Mistrík, "Meranie zrozumiteľnosti prehovoru" (1968):
  50 - syllables/word · words/sentence · different/all words.
- Others: LIX, Björnsson 1968: words/sentence + 100 · words of more than six letters/words; the lower the easier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SENTENCE = re.compile(r"[.!?…:]+(?=\s|$)")
VOWELS = {
    "en": re.compile(r"[aeiouy]+"),
    "de": re.compile(r"äu|eu|ei|ie|ai|au|aa|ee|oo|[aeiouyäöü]"),
    "cs": re.compile(r"ou|au|eu|[aeiouyáéěíóúůý]|(?<=[bcčdďfghjkmnňpqsštťvwxzž])[rl](?![aeiouyáéěíóúůý])"),
    "sk": re.compile(r"ia|ie|iu|ou|au|eu|[aeiouyáäéíóôúý]|(?<=[bcčdďfghjkmnňpqsštťvwxzž])[rlŕĺ](?![aeiouyáäéíóôúý])"),
}
SILENT = re.compile(r"[^aeiouyl]e$|[^aeiouy]es$|[^aeioutdy]ed$")  # an e at the end that English does not speak
SPOKEN = re.compile(r"(s|x|z|ch|sh|g|c)es$")
PARTS = 3  # words from which a piece of text without a full stop is a sentence of its own


@dataclass(frozen=True, slots=True)
class Reading:
    """What a formula says. ``wanted`` is the range of texts for everybody, in words."""

    formula: str
    score: float
    wanted: str
    hard: bool
    very_hard: bool
    words: int
    sentence: float  # words in a sentence on average


@dataclass(frozen=True, slots=True)
class Counts:
    """``sentence``: words in one on average, ``syllables``: in a word on average, ``fresh``: different words of all."""

    words: int
    sentence: float
    syllables: float
    fresh: float
    long: float  # share of words of more than six letters


def reading(texts: Sequence[str], language: str) -> Reading | None:
    """How hard these pieces of text are; None when there is none. Each piece ends a sentence."""
    counts = count(texts, language)
    if counts is None:
        return None
    name, formula, hard, very_hard, wanted = FORMULAS.get(language, LIX)
    score = formula(counts)
    lower_is_hard = hard > very_hard
    return Reading(
        name, score, wanted, score < hard if lower_is_hard else score > hard,
        score < very_hard if lower_is_hard else score > very_hard, counts.words, counts.sentence,
    )  # fmt: skip


def count(texts: Sequence[str], language: str) -> Counts | None:
    """Words, sentences and syllables. A heading of one or two words is no sentence."""
    words: list[str] = []
    sentences = 0
    for text in texts:
        parts = [WORD.findall(part.lower()) for part in SENTENCE.split(text)]
        for part in parts:
            if len(part) >= PARTS or (part and len(parts) > 1):
                sentences += 1
                words += part
    if not words or not sentences:
        return None
    return Counts(
        len(words), len(words) / sentences, sum(syllables(word, language) for word in words) / len(words),
        len(set(words)) / len(words), sum(len(word) > 6 for word in words) / len(words),
    )  # fmt: skip


def syllables(word: str, language: str) -> int:
    """How many a word has, at least one; English by its usual spelling, so that one word in ten is off by one."""
    vowels = VOWELS.get(language, VOWELS["en"])
    found = len(vowels.findall(word))
    if language == "en" and found > 1 and SILENT.search(word) and not SPOKEN.search(word):
        found -= 1
    return max(1, found)


Formula = Callable[[Counts], float]
FORMULAS: dict[str, tuple[str, Formula, float, float, str]] = {
    "en": ("Flesch's formula", lambda c: 206.835 - 1.015 * c.sentence - 84.6 * c.syllables, 50, 30, "60 to 80"),
    "de": ("Amstad's formula", lambda c: 180 - c.sentence - 58.5 * c.syllables, 40, 20, "50 to 70"),
    "cs": ("Bendová's formula", lambda c: 206.835 - 1.672 * c.sentence - 62.18 * c.syllables, 40, 20, "50 to 80"),
    "sk": ("Mistrík's formula", lambda c: 50 - c.syllables * c.sentence * c.fresh, 20, 10, "30 to 50"),
}
LIX: tuple[str, Formula, float, float, str] = ("LIX", lambda c: c.sentence + 100 * c.long, 50, 60, "25 to 45")
