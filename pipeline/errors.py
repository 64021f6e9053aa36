"""The exceptions of Scanledger: a broken environment, named for what the caller can do next.

ScanledgerError
├── SettingsWrong        a setting is missing or makes no sense: change it
├── BrokerUnreachable    Kafka does not answer: start it, or correct KAFKA_BOOTSTRAP
├── TopicsWrong          topics are missing or differ from schemas/topics.toml: create them
├── SchemaUnknown        a schema is not in the catalogue
├── RegistryUnreachable  the schema registry does not answer or refuses: start it, or correct SCHEMA_REGISTRY_URL
├── NotDelivered         Kafka did not take a record: send again once the broker is well
├── QueueFull            too much is on its way to Kafka: send again a moment later
├── NoAnswer             no worker has accounted a record in the time given: start one, or wait longer
├── StoreUnusable        the local store cannot be written or is of a newer format
├── RulesWrong           a lifecycle or a site table breaks its own rules
├── LocalStackUnusable   the local stack cannot run: no Java, no jars, a port in use, a folder not writable
├── WarehouseDown        ClickHouse does not answer: start it, or correct CLICKHOUSE_URL; may be tried again
├── WarehouseRefused     ClickHouse refused a statement: the code says why
├── SinkBehind           rows are not in ClickHouse in time: look at the sink's and the worker's health
├── MigrationsWrong      the migrations of a folder or their record make no sense
├── FolderUnusable       a folder cannot be made, written or read: choose another
├── FolderInUse          the folder of the embedded ClickHouse belongs to another process
├── MappingWrong         a mapping does not fit the file it is to be read with: correct the mapping
├── ReceiptsUnusable     receipts cannot be written or read now: look at the disk of SCANLEDGER_HOME
├── TableWrong           a column or a row of a table is not what it should be: correct it
├── FileUnreadable       a file cannot be read as what its name says: correct or convert it
├── DocumentWrong        a document of expected units makes no sense: correct the rows named
├── SpoolUnusable        the agent's spool cannot be written or read: make room, or name another folder
├── SpoolInUse           the agent's spool belongs to another process
├── SourceUnusable       what the agent takes lines from cannot be read: correct its name, or plug it in
├── RoutesWrong          a routes file makes no sense: correct the places named
├── OutboxUnusable       what is to be told cannot be written or read: look at the disk of SCANLEDGER_HOME
├── OutboxInUse          another notify tells what is in this outbox
├── CaptureUnreachable   capture does not answer over HTTP: lines wait on disk, and may be sent again
├── CaptureRefused       capture answers, but takes nothing from this agent: correct its address or its key
└── PortInUse            another process listens on the port: choose another

Data that breaks a rule is a value (an outcome, a dead letter), never an exception.
"""


class ScanledgerError(Exception):
    """Something in the environment is broken; the message says what to do next."""


class SettingsWrong(ScanledgerError):
    """A setting is missing or makes no sense."""


class BrokerUnreachable(ScanledgerError):
    """Kafka does not answer."""


class TopicsWrong(ScanledgerError):
    """Topics are missing or differ from the index."""


class SchemaUnknown(ScanledgerError):
    """A schema is not in the catalogue."""


class RegistryUnreachable(ScanledgerError):
    """The schema registry does not answer, or refuses a schema."""


class NotDelivered(ScanledgerError):
    """Kafka did not take a record."""


class QueueFull(ScanledgerError):
    """Too much is on its way to Kafka; nothing was taken."""


class NoAnswer(ScanledgerError):
    """No worker has accounted a record in the time given."""


class StoreUnusable(ScanledgerError):
    """The local store cannot be written, or was written by newer code."""


class RulesWrong(ScanledgerError):
    """A lifecycle or a site table breaks its own rules."""


class LocalStackUnusable(ScanledgerError):
    """The local stack cannot run here."""


class WarehouseDown(ScanledgerError):
    """ClickHouse does not answer, or is too busy to; the same request may be tried again."""


class WarehouseRefused(ScanledgerError):
    """ClickHouse refused a statement; `code` is its error code, 0 where it gave none."""

    def __init__(self, message: str, *, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class SinkBehind(ScanledgerError):
    """Rows are not in ClickHouse in the time given."""


class MigrationsWrong(ScanledgerError):
    """The files of a migrations folder, or what was applied of them, make no sense."""


class FolderUnusable(ScanledgerError):
    """A folder, of the embedded ClickHouse or for a verb's output, cannot be made, written or read."""


class FolderInUse(ScanledgerError):
    """The folder of the embedded ClickHouse belongs to another process."""


class PortInUse(ScanledgerError):
    """Another process listens on the port."""


class MappingWrong(ScanledgerError):
    """A mapping makes no sense, or names columns that its file does not have."""


class DocumentWrong(ScanledgerError):
    """A document of expected units breaks its own rules."""


class ReceiptsUnusable(ScanledgerError):
    """Receipts of the HTTP way in cannot be written or read now."""


class FileUnreadable(ScanledgerError):
    """A file is not there, or is not what its name says."""


class TableWrong(ScanledgerError):
    """A table of one's own lacks a column, or has rows that make no sense; the message names them."""


class SpoolUnusable(ScanledgerError):
    """The agent's spool cannot be written or read."""


class SpoolInUse(ScanledgerError):
    """The agent's spool belongs to another process."""


class SourceUnusable(ScanledgerError):
    """What the agent takes lines from cannot be read."""


class RoutesWrong(ScanledgerError):
    """A routes file cannot be read or makes no sense; the message names the places."""


class OutboxUnusable(ScanledgerError):
    """The outbox of deliveries cannot be written or read."""


class OutboxInUse(ScanledgerError):
    """The outbox of deliveries belongs to another process."""


class CaptureUnreachable(ScanledgerError):
    """Capture does not answer over HTTP; the same request may be tried again."""


class CaptureRefused(ScanledgerError):
    """Capture answers, but takes nothing from this agent."""
