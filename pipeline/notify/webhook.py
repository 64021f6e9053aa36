"""One attempt to deliver to a webhook: a signed POST, on a connection of its own; redirections are not followed.

What is returned for people names neither the address nor the secret: both may be confidential.
"""

import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from pipeline.notify.signing import HEADER, signature
from pipeline.notify.trying import Answer, judge, no_answer

DELIVERY_HEADER: Final = "X-Scanledger-Delivery"
_TIMEOUT_SECONDS: Final = 10.0
_DISTRUST: Final[Mapping[int, str]] = MappingProxyType({
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is signed by itself",
    19: "its chain ends in one that is signed by itself and not known here",
    20: "its issuer is not known here",
    62: "it is for another host",
    64: "it is for another address",
})  # fmt: skip
"""OpenSSL's X509_V_ERR codes in our words: its own name the host."""
_OTHER: Final = "OpenSSL refuses it"


def post(url: str, secret: str, body: bytes, delivery: str, clock: Callable[[], float] = time.time) -> Answer:
    """POST a body to a receiver and return what it said; never raises for what is outside of us."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "scanledger-notify",
        DELIVERY_HEADER: delivery,
        HEADER: signature(secret, body, int(clock())),
    }
    try:
        return _post(url, body, headers)
    except TimeoutError:
        return no_answer(f"no answer within {_TIMEOUT_SECONDS:.0f} s")
    except ssl.SSLCertVerificationError as error:
        return no_answer(f"its certificate is not trusted: {_DISTRUST.get(error.verify_code, _OTHER)}")
    except OSError as error:
        return no_answer(error.strerror or type(error).__name__)
    except (http.client.HTTPException, ValueError) as error:
        return no_answer(f"no HTTP answer: {type(error).__name__}")


def _post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https"
    kind = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
    connection = kind(str(parts.hostname), parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", body, headers)
        answer = connection.getresponse()
        return judge(answer.status, f"HTTP {answer.status}")
    finally:
        connection.close()
