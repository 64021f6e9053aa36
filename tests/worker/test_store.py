"""A partition's store: a cache that may be another cluster's, damaged, too new or on a full disk; never believed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rocksdict import WriteBatch, WriteOptions

from pipeline.domain.unit_state import FORMAT
from pipeline.errors import StoreUnusable
from pipeline.worker import store as store_module
from pipeline.worker.store import Store, claim

IDENTITY = {"cluster": "one", "scans": "topic-1", "partition": "0", "worker": "w"}
KEYS = [b"sku:A/B/%05d" % n for n in range(20_000)]
POSITION = (b"\0position", b"at 7")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns the folder of a store that was closed in order."""
    with Store(tmp_path / "0", IDENTITY) as store:
        store.save(KEYS, [os.urandom(50) for _ in KEYS], 20_000)
        store.save([POSITION[0]], [POSITION[1]], 20_001)
    return tmp_path / "0"


def is_empty(store: Store) -> bool:
    return (store.units_next, store.own_records(), store.load(KEYS[:3])) == (0, [], [None] * 3)


def test_a_store_knows_what_was_saved_and_how_far(folder: Path) -> None:
    with Store(folder, IDENTITY) as store:
        assert (store.units_next, store.own_records()) == (20_001, [POSITION])
        found = store.load([KEYS[5], b"unheard", KEYS[1]])
        assert (found[0] is None, found[1], found[2] is None) == (False, None, False)
        store.save([KEYS[5]], [None], 20_002)
        assert store.load([KEYS[5]]) == [None]


@pytest.mark.parametrize("name", IDENTITY)
def test_a_store_of_another_cluster_topic_partition_or_worker_is_thrown_away(folder: Path, name: str) -> None:
    with Store(folder, IDENTITY | {name: "another"}) as store:
        assert is_empty(store)


def _spoil(at: float) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (table,) = (folder / "db").glob("*.sst")
        content = bytearray(table.read_bytes())
        start = int(len(content) * at)
        content[start : start + 4096] = bytes(byte ^ 0x5A for byte in content[start : start + 4096])
        table.write_bytes(content)

    return spoil


def _cut(folder: Path) -> None:
    (table,) = (folder / "db").glob("*.sst")
    os.truncate(table, table.stat().st_size // 2)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "the end of a table": _spoil(0.998),
    "half a table": _cut,
    "no table": lambda folder: next((folder / "db").glob("*.sst")).unlink(),
    "no CURRENT": lambda folder: (folder / "db" / "CURRENT").unlink(),
    "a manifest of nonsense": lambda folder: next((folder / "db").glob("MANIFEST*")).write_bytes(b"x" * 100),
    "no identity": lambda folder: (folder / "identity.json").unlink(),
    "an identity that is no JSON": lambda folder: (folder / "identity.json").write_bytes(b"\xff{"),
    "an identity that is a list": lambda folder: (folder / "identity.json").write_text("[]"),
    "an identity without a number": lambda folder: (folder / "identity.json").write_text('{"format": "x"}'),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_store_found_damaged_is_begun_anew(folder: Path, damage: Callable[[Path], object]) -> None:
    damage(folder)
    with Store(folder, IDENTITY) as store:
        assert is_empty(store)


@pytest.mark.parametrize("read", [Store.own_records, lambda store: store.units_next, lambda store: store.load(KEYS)])
def test_damage_met_while_reading_is_said_and_the_store_deleted(folder: Path, read: Callable[[Store], object]) -> None:
    _spoil(0.0)(folder)  # the block with the ledger's own records, which come first
    store = Store(folder, IDENTITY)
    with pytest.raises(StoreUnusable, match="damaged"):
        read(store)
    store.close()
    with Store(folder, IDENTITY) as anew:
        assert is_empty(anew)


def test_a_store_of_newer_code_is_refused_and_left_alone(folder: Path) -> None:
    identity = (folder / "identity.json").read_text()
    (folder / "identity.json").write_text(identity.replace(f'"format": "{FORMAT}"', f'"format": "{FORMAT + 1}"'))
    with pytest.raises(StoreUnusable, match="newer code"):
        Store(folder, IDENTITY)
    (folder / "identity.json").write_text(identity)
    with Store(folder, IDENTITY) as store:
        assert store.units_next == 20_001


def test_a_store_in_use_is_refused_and_left_alone(folder: Path) -> None:
    with Store(folder, IDENTITY) as store:
        with pytest.raises(StoreUnusable):
            Store(folder, IDENTITY)
        assert store.units_next == 20_001


def test_a_folder_belongs_to_one_worker_at_a_time(tmp_path: Path) -> None:
    with claim(tmp_path / "worker-1"), pytest.raises(StoreUnusable, match="another running worker"):
        claim(tmp_path / "worker-1")
    claim(tmp_path / "worker-1").close()


def test_a_folder_that_cannot_be_made_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match=f"{tmp_path}/file/worker-1 cannot be used"):
        claim(tmp_path / "file" / "worker-1")
    with pytest.raises(StoreUnusable, match=f"{tmp_path}/file/worker-1/0 cannot be used"):
        Store(tmp_path / "file" / "worker-1" / "0", IDENTITY)


def test_a_full_disk_is_said_and_what_was_stored_before_is_whole(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_MEMTABLE_BYTES", 1 << 20)
    store = Store(small_disk / "0", IDENTITY)
    with pytest.raises(StoreUnusable, match=r"No space left.*Free or add disk space"):
        for n in range(2_000):
            store.save([b"%d-%d" % (n, i) for i in range(100)], [os.urandom(500) for _ in range(100)], n + 1)
    store.close()
    with Store(small_disk / "0", IDENTITY) as again:
        known = again.units_next
        assert again.load([b"%d-0" % n for n in range(known)]).count(None) == 0
        assert again.load([b"%d-0" % (known + 1)]) == [None]


class Stalling:
    """A database that refuses so many writes as RocksDB does while it waits for a flush."""

    def __init__(self, store: Store, stalls: int) -> None:
        self.database, self.stalls = store._db, stalls
        self.close, self.get, self.iter = self.database.close, self.database.get, self.database.iter

    def __getitem__(self, keys: list[bytes]) -> object:
        return self.database[keys]  # type: ignore[index]  # raw mode takes bytes

    def write(self, batch: WriteBatch, options: WriteOptions) -> None:
        if self.stalls:
            self.stalls -= 1
            batch.clear()
            refusal = "Result incomplete: Write stall"
            raise Exception(refusal)  # noqa: TRY002  what rocksdict raises
        self.database.write(batch, options)


def test_a_write_waits_for_a_disk_that_is_behind_and_is_whole(folder: Path) -> None:
    with Store(folder, IDENTITY) as store:
        store._db = Stalling(store, 5)  # type: ignore[assignment]
        store.save([KEYS[1], KEYS[2]], [b"one", None], 20_002)
        assert (store.load(KEYS[1:3]), store.units_next) == ([b"one", None], 20_002)


def test_a_write_that_never_gets_through_is_said_and_nothing_is_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_STALL_SECONDS", 0.1)
    with Store(folder, IDENTITY) as store:
        store._db = Stalling(store, 100_000)  # type: ignore[assignment]
        with pytest.raises(StoreUnusable, match="took no write for 0 s. Free or add disk space"):
            store.save([KEYS[1]], [b"one"], 20_002)
    with Store(folder, IDENTITY) as again:
        assert again.units_next == 20_001
