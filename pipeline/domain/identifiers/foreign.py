"""Codes that are known and name no unit: those of other standards, and what an ordinary QR code holds.

Source: IANA, Uniform Resource Identifier Schemes; the contents that readers of QR codes act on (cards, networks, mail).
"""

from typing import Final

_E_MAIL, _CALL, _MESSAGE = "an e-mail", "a telephone number", "a text message"
_PLACE, _NETWORK, _CARD = "a place on a map", "the access to a network", "a card or a calendar entry"
_FILE, _PROGRAM, _PAYMENT = "a file", "data or a program", "a payment"
_CHAT, _SECRET, _APP = "a chat or a call", "a secret or a certificate", "an app"
SCHEMES_OF_OTHERS: Final = {
    **dict.fromkeys(("mailto", "matmsg", "smtp"), _E_MAIL),
    **dict.fromkeys(("tel", "telprompt", "callto"), _CALL),
    **dict.fromkeys(("sms", "smsto", "mms", "mmsto"), _MESSAGE),
    "geo": _PLACE,
    "wifi": _NETWORK,
    **dict.fromkeys(("begin", "mecard", "bizcard", "webcal"), _CARD),
    **dict.fromkeys(("ftp", "ftps", "sftp", "file"), _FILE),
    **dict.fromkeys(("data", "javascript", "vbscript", "blob", "about"), _PROGRAM),
    **dict.fromkeys(
        ("bitcoin", "bitcoincash", "ethereum", "litecoin", "dogecoin", "monero", "lightning", "upi", "swish"), _PAYMENT
    ),
    **dict.fromkeys(("sip", "sips", "xmpp", "skype", "whatsapp", "facetime", "viber", "tg", "weixin"), _CHAT),
    **dict.fromkeys(("otpauth", "lpa", "hc1", "shc", "fido"), _SECRET),
    **dict.fromkeys(("intent", "market", "itms"), _APP),
    **dict.fromkeys(("urlto", "ws", "wss", "magnet"), "an address on the web"),
}
"""Schemes of URIs, and beginnings like them, by what stands behind them; any other is an organisation's own."""

_BEGINNINGS: Final = {
    "+": "a code of HIBCC (HIBC)",
    "=": "a code of ICCBBA (ISBT 128)",
    "&": "a code of ICCBBA (ISBT 128)",
    "[)>": "a code of ANS MH10 (ISO/IEC 15434)",
}


def foreign_name(text: str) -> str:
    """Say what a text is that names no unit; nothing where that is not known."""
    for beginning, name in _BEGINNINGS.items():
        if text.startswith(beginning):
            return f"{name}, which is not read"
    scheme, colon, _ = text.partition(":")
    what = SCHEMES_OF_OTHERS.get(scheme.lower()) if colon else None
    return f"{what}, not a unit" if what else ""
