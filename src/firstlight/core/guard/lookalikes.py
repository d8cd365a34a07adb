# ruff: noqa: RUF001  # a table of just those characters that the rule warns of
"""Letters and signs of other scripts that look like ASCII ones, as they are abused most.

A choice from Unicode's confusables (UTS 39): Cyrillic, Greek, Armenian, Lisu, small capitals,
dashes and dots. What normalisation (NFKD) undoes by itself is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping

LOOKALIKES: Mapping[str, str] = {
    **dict(zip("аеорсухіјѕԁһӏքзкмнтвгпԛԝґє", "aeopcyxijsdhlqzkmhtbrnqwre", strict=True)),
    **dict(zip("АВЕКМНОРСТУХІЈЅԌҮЗ", "ABEKMHOPCTYXIJSGYZ", strict=True)),
    **dict(zip("αβγεζηικνορτυχωϲϳ", "abyeznikvoptuxwcj", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC", strict=True)),
    **dict(zip("ғʜɪʙɢǫıȷɑɡɩʟɴʀʏᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱⅼ", "fhibgqijagilnryacdejkmoptuvwzsl", strict=True)),
    **dict(zip("øłđħŧꞌ‐‑‒–—―−⁃∕⁄∶․·٫", "oldht'--------//:..,", strict=True)),
    **dict(zip("օսոհցաԱՍꓐꓳꓢꓮ", "ounhgqUUBOSA", strict=True)),
}
