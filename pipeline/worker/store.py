"""One partition's store: a cache of the topic `units` on disk, which may be lost at any time.

Flow: changed units and the offset after them -> one WriteBatch; unit keys -> their records.

Without a write-ahead log: after a crash RocksDB has everything up to some batch and nothing after it, and the offset in
that batch says where `units` must be read from.
"""

import fcntl
import json
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
    WriteOptions,
)

from pipeline.domain.unit_state import FORMAT
from pipeline.errors import StoreUnusable
from pipeline.ledger.outputs import RANGE_KEYS

_LOG = logging.getLogger("pipeline.worker")
OFFSET_KEY: Final = b"\0units-next"
_IDENTITY: Final = "identity.json"
_ENVIRONMENT: Final = (
    "no space",
    "quota",
    "permission",
    "read-only",
    "too many open",
    "cannot allocate",
    "lock file",
    "lock hold",
)
"""Words of the errors that are not the files' own fault; after any other one the store is built again."""
_STALL: Final = "incomplete: write stall"
_STALL_SECONDS: Final = 300.0
"""Far longer than the flushes of all partitions that are built again at once: a full disk says so by itself."""
_STALL_PAUSES: Final = (0.01, 0.5)
"""The first and the longest: RocksDB counts a write that it refused as one that waits, so asking often is no help."""
_STOP_FILES: Final = 36
"""Tables in level 0 at which writes stop, as by default; they are not slowed down before, which would be refused."""
_ALL: Final = 1 << 62
_CACHE_BYTES: Final = 64 << 20
_MEMTABLE_BYTES: Final = 64 << 20


class Store:
    """Unit records by key, and how far `units` has been read into them."""

    def __init__(self, folder: Path, identity: dict[str, str]) -> None:
        """Open the store, or an empty one where it is another cluster's, another topic's or damaged.

        Raises:
            StoreUnusable: the folder cannot be written, is in use, or was written by newer code.
        """
        self.folder = folder
        self._identity = identity | {"format": str(FORMAT)}
        self._is_damaged = False
        self._write_options = WriteOptions()
        self._write_options.disable_wal = True  # type: ignore[method-assign, assignment]  # its stub is wrong
        # A write that waits for a flush inside RocksDB can wait for ever on a full disk; outside it sees the error.
        self._write_options.no_slowdown = True
        try:
            self._db = self._open()
        except OSError as error:
            raise StoreUnusable(_unusable(folder, error)) from error

    def _open(self) -> Rdict:
        known = self._known_identity()
        if (written := str(known.get("format"))).isdecimal() and int(written) > FORMAT:
            message = (
                f"{self.folder} was written by newer code (state format {written}, this knows {FORMAT}): "
                "run that version, or delete the folder to have it built again from Kafka"
            )
            raise StoreUnusable(message)
        if known != self._identity:
            if known:
                _LOG.warning("%s belongs to another ledger or worker and is built again from Kafka", self.folder)
            self.delete()
        try:
            return self._open_rocksdb()
        except Exception as error:  # rocksdict raises bare Exception for every fault
            if not _is_damage(error):
                raise StoreUnusable(_unusable(self.folder, error)) from error
            _LOG.warning("%s is damaged and is built again from Kafka: %s", self.folder, error)
            self.delete()
        try:
            return self._open_rocksdb()
        except Exception as error:
            raise StoreUnusable(_unusable(self.folder, error)) from error

    def _known_identity(self) -> dict[str, str]:
        try:
            found = json.loads((self.folder / _IDENTITY).read_text())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except ValueError:
            return {"format": "0"}
        return found if isinstance(found, dict) else {"format": "0"}

    def _open_rocksdb(self) -> Rdict:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(_MEMTABLE_BYTES)
        options.set_level_zero_slowdown_writes_trigger(_STOP_FILES)
        options.set_level_zero_stop_writes_trigger(_STOP_FILES)
        options.set_compression_type(DBCompressionType.lz4())
        table = BlockBasedOptions()
        table.set_bloom_filter(10, False)
        table.set_block_cache(Cache(_CACHE_BYTES))
        options.set_block_based_table_factory(table)
        database = Rdict(str(self.folder / "db"), options)
        (self.folder / _IDENTITY).write_text(json.dumps(self._identity))
        return database

    def delete(self) -> None:
        """Remove everything: the next owner builds it again from `units`."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def units_next(self) -> int:
        """The offset of `units` from which on the store knows nothing.

        Raises:
            StoreUnusable: the store is damaged; closing it deletes it.
        """
        with self._noticing_damage():
            value = self._db.get(OFFSET_KEY)
            return int(value) if value else 0

    @contextmanager
    def _noticing_damage(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # rocksdict raises bare Exception for every fault
            self._is_damaged = self._is_damaged or _is_damage(error)
            told = f"{self.folder} is damaged and is built again from Kafka: {error}"
            raise StoreUnusable(told if self._is_damaged else _unusable(self.folder, error)) from error

    def load(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the record of each key; sorted inside, because neighbours share blocks.

        Raises:
            StoreUnusable: the store is damaged; closing it deletes it.
        """
        order = sorted(range(len(keys)), key=keys.__getitem__)
        with self._noticing_damage():
            found: list[bytes | None] = self._db[[keys[i] for i in order]]  # type: ignore[assignment]
        values: list[bytes | None] = [None] * len(keys)
        for i, value in zip(order, found, strict=True):
            values[i] = value
        return values

    def save(self, keys: Sequence[bytes], values: Sequence[bytes | None], units_next: int) -> None:
        """Write records and the offset after them, all or nothing; waits up to five minutes for a slow disk.

        Raises:
            StoreUnusable: the disk does not take it.
        """
        give_up, (pause, longest) = time.monotonic() + _STALL_SECONDS, _STALL_PAUSES
        while not self._is_taken(_batch(keys, values, units_next)):
            if time.monotonic() > give_up:
                raise StoreUnusable(_unusable(self.folder, f"it took no write for {_STALL_SECONDS:.0f} s"))
            time.sleep(pause)
            pause = min(2 * pause, longest)

    def _is_taken(self, batch: WriteBatch) -> bool:
        with self._noticing_damage():
            try:
                self._db.write(batch, self._write_options)
            except Exception as error:  # rocksdict raises bare Exception for every fault
                if _STALL not in str(error).lower():
                    raise
                return False
        return True

    def own_records(self) -> list[tuple[bytes, bytes]]:
        """Return the ledger's own records: keys that begin with NUL, the offset and the ranges apart.

        Raises:
            StoreUnusable: the store is damaged; closing it deletes it.
        """
        return [record for record in self._between(b"", RANGE_KEYS) if record[0] != OFFSET_KEY]

    def following(self, prefix: bytes, after: bytes, most: int) -> list[tuple[bytes, bytes]]:
        """Return the first records, so many at most, whose keys begin with the prefix and come after a key.

        Raises:
            StoreUnusable: the store is damaged; closing it deletes it.
        """
        end = prefix[:-1] + bytes([prefix[-1] + 1])  # a range ends with NUL
        return self._between(max(prefix, after + b"\0"), end, most)

    def _between(self, first: bytes, end: bytes, most: int = _ALL) -> list[tuple[bytes, bytes]]:
        options = ReadOptions()
        options.set_iterate_upper_bound(end)
        found: list[tuple[bytes, bytes]] = []
        with self._noticing_damage():
            records: Any = self._db.iter(options)
            records.seek(first)
            while len(found) < most and records.valid():
                found.append((records.key(), records.value()))
                records.next()
            records.status()  # a damaged block ends the iteration, and only this says so
        return found

    def close(self) -> None:
        """Flush and let go of the folder; a damaged store is deleted."""
        try:
            self._db.close()
        except Exception as error:  # noqa: BLE001  rocksdict raises bare Exception; what was not flushed is in `units`
            _LOG.warning("the store in %s closed without its last batches: %s", self.folder, error)
        finally:
            if self._is_damaged:
                self.delete()

    def __enter__(self) -> Self:
        """Use the store in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def _batch(keys: Sequence[bytes], values: Sequence[bytes | None], units_next: int) -> WriteBatch:
    """Return one write of them all; a write consumes it, one that failed too."""
    batch = WriteBatch(raw_mode=True)
    put = batch.put
    for key, value in zip(keys, values, strict=True):
        if value is None:
            batch.delete(key)
        else:
            put(key, value)
    put(OFFSET_KEY, str(units_next).encode())
    return batch


def claim(folder: Path) -> IO[str]:
    """Claim the folder of a worker's stores for this process, until the returned file is closed.

    Raises:
        StoreUnusable: it cannot be written, or another process has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        claimed = (folder / "owner").open("w")
    except OSError as error:
        raise StoreUnusable(_unusable(folder, error)) from error
    try:
        fcntl.flock(claimed, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        claimed.close()
        message = f"{folder} belongs to another running worker: give each its own SCANLEDGER_WORKER name"
        raise StoreUnusable(message) from error
    return claimed


def _is_damage(error: BaseException) -> bool:
    """Whether an error says that the files are bad, and not that the disk, the permissions or another process are."""
    return not any(words in str(error).lower() for words in _ENVIRONMENT)


def _unusable(folder: Path, error: BaseException | str) -> str:
    return (
        f"the store in {folder} cannot be used: {error}. Free or add disk space, or correct the folder's permissions, "
        "or point SCANLEDGER_STORE elsewhere; the partition waits and loses nothing"
    )
