"""Faust's credentials for Kafka, from the settings that librdkafka's clients have too."""

from typing import Any

import faust

from pipeline.errors import SettingsWrong
from pipeline.settings import Settings


def credentials(settings: Settings) -> dict[str, Any]:
    """Return what a Faust app is to be told; nothing where neither TLS nor a password is asked for.

    Raises:
        SettingsWrong: a mechanism Faust does not have.
    """
    if not settings.kafka_security_protocol or settings.kafka_security_protocol == "PLAINTEXT":
        return {}
    import ssl  # noqa: PLC0415  only where it is asked for

    context = None
    if "SSL" in settings.kafka_security_protocol:
        context = ssl.create_default_context(cafile=settings.kafka_ssl_ca or None)
    if not settings.kafka_security_protocol.startswith("SASL"):
        return {"broker_credentials": faust.SSLCredentials(context)}
    if settings.kafka_sasl_mechanism not in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        message = "KAFKA_SASL_MECHANISM must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
        raise SettingsWrong(message)
    proof = faust.SASLCredentials(
        username=settings.kafka_sasl_username,
        password=settings.kafka_sasl_password.get_secret_value(),
        mechanism=settings.kafka_sasl_mechanism,
        ssl_context=context,
    )
    return {"broker_credentials": proof}
