"""A schema registry, where the installation has one: registers the catalogue, translates its ids both ways."""

from pipeline.settings import Settings
from pipeline.wire.schemas import Catalogue, catalogue


def join(settings: Settings, known: Catalogue | None = None) -> bool:
    """Use the registry's ids in frames from now on, if SCHEMA_REGISTRY_URL names one; call it once, at the start.

    Returns whether there is a registry.

    Raises:
        RegistryUnreachable: it does not answer, or refuses a schema of the catalogue.
    """
    if not settings.schema_registry_url:
        return False
    # Its client brings half a second of imports along, which most installations have no use for.
    from pipeline.broker.registry_client import Registry  # noqa: PLC0415

    known = known or catalogue()
    registry = Registry(settings.schema_registry_url)
    known.adopt({version.id: registry.register(version.schema) for version in known.versions()}, registry.find)
    return True
