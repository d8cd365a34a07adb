"""Morse code (ITU-R M.1677-1) and the spelling alphabet (ICAO): from marks to letters."""

from __future__ import annotations

from collections.abc import Mapping

_SIGNS = (
    "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. "
    "s... t- u..- v...- w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... "
    "7--... 8---.. 9----."
)
MORSE: Mapping[str, str] = {sign[1:]: sign[0] for sign in _SIGNS.split()}

_WORDS = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu alpha juliet"
)
_DIGITS = "zero one two three four five six seven eight nine"
SPELT: Mapping[str, str] = {
    **{word: word[0] for word in _WORDS.split()},
    **{word: str(digit) for digit, word in enumerate(_DIGITS.split())},
    **{letter: letter for letter in "abcdefghijklmnopqrstuvwxyz"},
    "dash": "-",
    "hyphen": "-",
    "underscore": "_",
}
