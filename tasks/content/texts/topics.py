"""What an article is about, and whether it is for everyone: by its words, its categories and what is on its pictures.

A vocabulary and no model: whoever reads it can say why an article has a topic, and an editor's word stands above it.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from tasks.content.models import Suitability

MOST: Final = 3
"""Topics of an article."""
IN_TITLE: Final = 3
"""What a word in the title counts, beside one in the text."""
ENOUGH: Final = 2
"""What words must count together to make a topic."""
DECLARED: Final = 4
"""What a category of the source counts, or a label of a picture."""

_VOCABULARY: Final = {
    "animals": "animal animals wildlife species mammal bird birds whale whales elephant elephants lion lions "
    "tiger wolf wolves bear bears dog dogs cat cats insect insects bee bees shark sharks fish "
    "reptile zoo habitat tier tiere animaux",
    "archaeology": "archaeology archaeologist archaeologists excavation ruins tomb pharaoh ancient artifact "
    "artifacts fossil fossils neolithic viking roman temple mummy",
    "arts": "art artist artists painting paintings museum gallery sculpture theatre opera literature novel "
    "poet poetry kunst",
    "climate": "climate warming emissions carbon greenhouse drought heatwave glacier glaciers climatic klima",
    "education": "school schools student students teacher teachers classroom university learning lesson pupils "
    "schule",
    "environment": "environment pollution plastic recycling forest forests rainforest conservation biodiversity "
    "deforestation ecosystem umwelt",
    "food": "food recipe recipes cooking chef cuisine restaurant vegetable vegetables fruit bread cheese "
    "harvest wine kitchen",
    "geography": "map maps continent mountain mountains island islands desert volcano volcanoes earthquake river "
    "rivers valley landscape berg",
    "health": "health disease doctor doctors hospital vaccine vaccines virus medicine patients nutrition sleep "
    "cancer surgery",
    "history": "history historian historians century war empire revolution king queen medieval colonial treaty "
    "geschichte",
    "music": "music musician song songs concert orchestra guitar piano album band singer jazz symphony musik",
    "oceans": "ocean oceans sea reef reefs coral marine tide tides submarine coast seabed meer",
    "photography": "photograph photographs photographer photographers photography camera lens portrait exposure",
    "politics": "government election elections parliament president minister vote votes law senate policy "
    "politik",
    "space": "space planet planets star stars galaxy moon mars nasa telescope asteroid comet rocket astronaut "
    "astronauts orbit satellite weltraum",
    "sports": "sport sports football soccer match team teams player players championship olympic olympics "
    "tennis athlete athletes goal goals coach",
    "technology": "technology computer computers software internet robot robots algorithm data smartphone startup "
    "engineer engineers battery ai technik",
    "travel": "travel traveller tourist tourists hotel journey destination trip voyage hiking trail beach "
    "reise",
}
_NOT_FOR_ALL: Final = (
    "beheaded betting casino cocaine gambling heroin massacre mord murder murdered nude overdose "
    "porn pornography rape raped sex sexual strip-club suicide terrorism terrorist torture "
    "vergewaltigung"
)
_UNSUITABLE: Final = frozenset(_NOT_FOR_ALL.split())
TOPICS: Final = tuple(_VOCABULARY)
"""All topics that are found by themselves; editors may give others."""
_TOPIC_OF: Final[dict[str, list[str]]] = {}
for _topic, _words in _VOCABULARY.items():
    for _word in (_topic, *_words.split()):
        _TOPIC_OF.setdefault(_word, []).append(_topic)


def topics_of(
    title: str, text: str, categories: list[str] | None = None, labels: list[str] | None = None
) -> list[str]:
    """Return what an article is about, the most important first; nothing where its words say nothing."""
    counts: Counter[str] = Counter()
    for words, weight in ((_words_of(title), IN_TITLE), (_words_of(text[:20_000]), 1)):
        for word in words:
            for topic in _TOPIC_OF.get(word, ()):
                counts[topic] += weight
    for said in [*(categories or []), *(labels or [])]:
        for topic in {topic for word in _words_of(said) for topic in _TOPIC_OF.get(word, ())}:
            counts[topic] += DECLARED
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    least = max(ENOUGH, ranked[0][1] / 4) if ranked else ENOUGH
    return [topic for topic, count in ranked[:MOST] if count >= least]


def suitability_of(title: str, text: str) -> Suitability:
    """Return whom an article is for: grown-ups where its title, or its text twice, has a word that is not for all."""
    found = sum(word in _UNSUITABLE for word in _words_of(text[:20_000]))
    if found >= 2 or any(word in _UNSUITABLE for word in _words_of(title)):
        return Suitability.GROWN_UPS
    return Suitability.EVERYONE


def _words_of(text: str) -> list[str]:
    return [
        word.strip(".,;:!?()[]\"'«»“”‘’—").removesuffix("'s").removesuffix("’s")
        for word in text.lower().split()
    ]
