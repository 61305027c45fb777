"""What an index of many embeddings costs: build time, bytes, memory, recall and CPU time a query.

    python -m benchmarks.index_growth fit PHOTOS --out mixture.npz
    python -m benchmarks.index_growth run mixture.npz --count 1000000 --room FOLDER
    python -m benchmarks.index_growth plot

`fit` embeds the photos of a folder with the default encoder, keeps the 256 directions in which they
vary most, and fits Gaussian mixtures of diagonal covariance; the one of the highest likelihood on a
fifth of the photos that it did not see is kept. `run` draws vectors from it (photos are as many
as the mixture has centres, no more: neighbours are further away than among real photos of the same
place), gives them to 200 countries whose sizes fall as 1/rank, writes them as Parquet, builds an
index and appends rows to `benchmarks/index_growth.csv`. Queries are drawn from the mixture too;
recall at 10 is against all vectors, in half precision, inside the country where one is given.
Memory is what is not a mapped file (RssAnon), the most of samples every 50 ms.
"""

import argparse
import csv
import multiprocessing
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.build_from_vectors import build_from_vectors
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.lance_retriever import LanceRetriever, export_to_lance
from geoagent_graph.retrieval.vector_rows import VectorTable

DIMENSION: Final = 256
QUERIES: Final = 100
K: Final = 10
COUNTRIES: Final = [a + b for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRST"]
ASKED: Final = {"no country": None, "17 % of all": "AA", "0.9 % of all": "AT", "0.1 % of all": "JT"}
CSV: Final = Path(__file__).with_name("index_growth.csv")
FIELDS: Final = ("date", "versions", "engine", "vectors", "measure", "value", "unit")
_ENCODER: Final = "drawn-mixture/1"
_BATCH: Final = 50_000

Search = Callable[[NDArray[np.float32], str | None], list[str]]


class Mixture:
    """A Gaussian mixture: weights [k], means and variances [k, dimension]."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            self.weights = arrays["weights"] / arrays["weights"].sum()
            self.means = arrays["means"].astype(np.float32)
            self.deviations = np.sqrt(arrays["variances"]).astype(np.float32)

    def draw(self, count: int, seed: int) -> NDArray[np.float32]:
        """Return unit vectors, shape [count, dimension]."""
        rng = np.random.default_rng(seed)
        component = rng.choice(len(self.weights), count, p=self.weights)
        vectors = rng.standard_normal((count, self.means.shape[1]), dtype=np.float32)
        vectors *= self.deviations[component]
        vectors += self.means[component]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def fit_mixture(folder: Path, out: Path) -> None:
    """Fit a mixture to the embeddings of the photos of a folder."""
    from sklearn.mixture import GaussianMixture

    from geoagent_graph.cli.index.tools import open_embedder

    embedder = open_embedder()
    photos = sorted(path for path in folder.rglob("*.jpg"))
    made = [embedder.encoder.encode([embedder.decode(p.read_bytes(), p.name)])[0] for p in photos]
    vectors = np.stack(made).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)[2][:DIMENSION]
    reduced = vectors @ axes.T
    reduced /= np.linalg.norm(reduced, axis=1, keepdims=True)
    seen = np.random.default_rng(0).random(len(reduced)) > 0.2
    best: tuple[float, Any] = (-np.inf, None)
    for components in (8, 16, 32, 64):
        model = GaussianMixture(components, covariance_type="diag", reg_covar=1e-5, random_state=0)
        score = float(model.fit(reduced[seen]).score(reduced[~seen]))
        print(f"{components} components: {score:.2f} nats a photo that was not seen")
        best = max(best, (score, model), key=lambda pair: pair[0])
    model = best[1]
    np.savez(out, weights=model.weights_, means=model.means_, variances=model.covariances_)
    print(f"{len(reduced)} photos of {folder}; {out}")


def write_table(mixture: Mixture, count: int, path: Path) -> None:
    """Write drawn references as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    shares = 1.0 / np.arange(1, len(COUNTRIES) + 1)
    names = ("id", "lat", "lon", "country", "license", "attribution", "source_url", "sha256")
    schema = pa.schema(
        [(name, pa.float64() if name in ("lat", "lon") else pa.string()) for name in names]
        + [("embedding", pa.list_(pa.float16(), DIMENSION))]
    )
    with pq.ParquetWriter(path, schema, compression="none") as writer:
        for start in range(0, count, _BATCH):
            size = min(_BATCH, count - start)
            rng = np.random.default_rng((1, start))
            flat = mixture.draw(size, 10_000 + start).astype(np.float16).ravel()
            numbers = range(start, start + size)
            country = rng.choice(len(COUNTRIES), size, p=shares / shares.sum())
            writer.write_table(
                pa.table(
                    [
                        [f"p{number:09}" for number in numbers],
                        rng.uniform(-60, 70, size),
                        rng.uniform(-180, 179, size),
                        [COUNTRIES[i] for i in country.tolist()],
                        ["CC-BY-4.0"] * size,
                        ["drawn"] * size,
                        [f"https://photos.example/{number}" for number in numbers],
                        [f"{number:064x}" for number in numbers],
                        pa.FixedSizeListArray.from_arrays(pa.array(flat), DIMENSION),
                    ],
                    schema=schema,
                )
            )


def true_neighbours(table: Path, queries: NDArray[np.float32]) -> dict[str, list[set[str]]]:
    """Return the ids of the K nearest vectors of each query, of all and of each country asked."""
    import pyarrow.parquet as pq

    scores = {name: np.full((len(queries), K), -2.0, np.float32) for name in ASKED}
    ids = {name: np.full((len(queries), K), "", "U10") for name in ASKED}
    columns = ["id", "country", "embedding"]
    for batch in pq.ParquetFile(table, pre_buffer=False).iter_batches(65_536, columns=columns):
        flat = batch.column("embedding").flatten().to_numpy(zero_copy_only=False)
        cosines = queries @ flat.astype(np.float32).reshape(-1, DIMENSION).T
        names = np.array(batch.column("id").to_pylist())
        codes = np.array(batch.column("country").to_pylist())
        for name, code in ASKED.items():
            here = np.arange(len(names)) if code is None else np.flatnonzero(codes == code)
            inside = cosines[:, here]
            top = (
                np.argsort(-inside, axis=1)[:, :K]
                if len(here) < 5000
                else np.argpartition(-inside, K, axis=1)[:, :K]
            )
            both = np.concatenate([scores[name], np.take_along_axis(inside, top, 1)], axis=1)
            named = np.concatenate([ids[name], names[here][top]], axis=1)
            order = np.argsort(-both, axis=1)[:, :K]
            scores[name] = np.take_along_axis(both, order, 1)
            ids[name] = np.take_along_axis(named, order, 1)
    return {name: [set(row.tolist()) - {""} for row in found] for name, found in ids.items()}


@contextmanager
def most_memory() -> Iterator[list[float]]:
    """Yield a list whose only number becomes the most memory in GB, mapped files apart."""
    most, is_done = [0.0], threading.Event()

    def sample() -> None:
        while not is_done.wait(0.05):
            most[0] = max(most[0], anonymous_gb())

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        is_done.set()
        thread.join()


def anonymous_gb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1e6
    raise OSError("/proc/self/status has no RssAnon")


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Rows:
    """Appends rows to the CSV, at once."""

    def __init__(self, engine: str, vectors: int) -> None:
        packages = ["faiss-cpu", "numpy", "pyarrow", *(["lancedb"] if engine == "lancedb" else [])]
        self._about = [
            datetime.now(UTC).date().isoformat(),
            " ".join(f"{name}={version(name)}" for name in packages),
            engine,
            vectors,
        ]

    def add(self, measure: str, value: float, unit: str) -> None:
        """Append a row and print it."""
        is_new = not CSV.exists()
        with CSV.open("a", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if is_new:
                writer.writerow(FIELDS)
            writer.writerow([*self._about, measure, f"{value:.4g}", unit])
        print(f"{self._about[2]} {self._about[3]} {measure}: {value:.4g} {unit}", flush=True)


def measure_searches(
    rows: Rows, search: Search, queries: NDArray[np.float32], truth: dict[str, list[set[str]]]
) -> None:
    """Append recall at 10 and the median CPU time of a query, for each country asked."""
    for name, code in ASKED.items():
        recalls, seconds = [], []
        for query, expected in zip(queries, truth[name], strict=True):
            start = cpu_seconds()
            found = search(query, code)
            seconds.append(cpu_seconds() - start)
            recalls.append(len(expected & set(found)) / max(len(expected), 1))
        rows.add(f"recall at 10, {name}", float(np.mean(recalls)), "")
        rows.add(f"query, {name}", 1e3 * float(np.median(seconds)), "CPU ms, median")


def name_no_country(lat_deg: float, lon_deg: float) -> str:
    """Return no code: every drawn row has one."""
    del lat_deg, lon_deg
    return ""


def run_index(
    mixture: Mixture, count: int, room: Path, memory_bytes: int, with_lance: bool = False
) -> None:
    """Measure an index of the kind that the memory allows, and the gallery made of it."""
    table, folder = room / f"drawn-{count}.parquet", room / f"index-{count}-{memory_bytes}"
    if not table.exists():
        drawing = multiprocessing.get_context("spawn").Process(
            target=write_table, args=(mixture, count, table)
        )
        drawing.start()  # a process of its own: what it leaves behind is no memory of the build
        drawing.join()
    vectors = VectorTable(table, "embedding", name_no_country)
    start = cpu_seconds()
    with most_memory() as most:
        report = build_from_vectors(vectors, _ENCODER, folder, memory_bytes, print)
    rows = Rows(f"faiss {report.plan.kind}", count)
    rows.add("build", cpu_seconds() - start, "CPU s")
    rows.add("most memory, build", most[0], "GB")
    rows.add("disk", folder_bytes(folder) / count, "bytes a vector")
    with most_memory() as most:
        start = cpu_seconds()
        retriever = FaissRetriever.load(folder, None)
        rows.add("first opening, all bytes checked", cpu_seconds() - start, "CPU s")
        start = cpu_seconds()
        FaissRetriever.load(folder, None)
        rows.add("opening", cpu_seconds() - start, "CPU s")
        queries = mixture.draw(QUERIES, seed=7)
    truth = true_neighbours(table, queries)
    with most_memory() as most:
        measure_searches(rows, search_of(retriever), queries, truth)
    rows.add("most memory, searches", most[0], "GB")
    if with_lance:
        run_lance(retriever, room / f"lance-{count}", queries, truth)
        shutil.rmtree(room / f"lance-{count}")
    shutil.rmtree(folder)


def run_lance(
    retriever: FaissRetriever,
    folder: Path,
    queries: NDArray[np.float32],
    truth: dict[str, list[set[str]]],
) -> None:
    """Measure a LanceDB gallery in a folder; its threads' CPU time counts."""
    count = len(retriever.table)
    rows = Rows("lancedb", count)
    start = cpu_seconds()
    with most_memory() as most:
        export_to_lance(retriever, str(folder))
    rows.add("build", cpu_seconds() - start, "CPU s")
    rows.add("most memory, build", most[0], "GB")
    rows.add("disk", folder_bytes(folder) / count, "bytes a vector")
    start = cpu_seconds()
    gallery = LanceRetriever.load(str(folder), None)
    rows.add("opening", cpu_seconds() - start, "CPU s")
    with most_memory() as most:
        measure_searches(rows, search_of(gallery), queries, truth)
    rows.add("most memory, searches", most[0], "GB")


def search_of(retriever: FaissRetriever | LanceRetriever) -> Search:
    """Return what searches a retriever for ids inside a country."""

    def search(query: NDArray[np.float32], code: str | None) -> list[str]:
        codes = None if code is None else frozenset({code})
        return [hit.id for hit in retriever.search_embedding(query, K, codes)]

    return search


def plot(out: Path) -> None:
    """Draw build time, bytes, memory, recall and CPU time over the number of vectors."""
    from matplotlib.figure import Figure

    with CSV.open(newline="") as file:
        measured = list(csv.DictReader(file))
    shown = ("build", "most memory, build", "disk", "recall at 10, no country", "query, no country",
             "query, 0.9 % of all")  # fmt: skip
    figure = Figure(figsize=(13, 7.5), layout="constrained")
    for axes, measure in zip(figure.subplots(2, 3).flat, shown, strict=True):
        for engine in sorted({row["engine"] for row in measured}):
            points = {
                int(row["vectors"]): float(row["value"])
                for row in measured
                if (row["engine"], row["measure"]) == (engine, measure)
            }
            if points:
                counts = sorted(points)
                axes.plot(counts, [points[c] for c in counts], marker="o", label=engine)
        unit = next((row["unit"] for row in measured if row["measure"] == measure), "")
        axes.set(xscale="log", title=measure, xlabel="vectors", ylabel=unit)
        if not measure.startswith("recall"):
            axes.set_yscale("log" if measure == "build" else "linear")
            axes.set_ylim(bottom=None if measure == "build" else 0)
        axes.grid(alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    figure.savefig(out, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fit = commands.add_parser("fit")
    fit.add_argument("photos", type=Path)
    fit.add_argument("--out", type=Path, required=True)
    run = commands.add_parser("run")
    run.add_argument("mixture", type=Path)
    run.add_argument("--count", type=int, required=True)
    run.add_argument("--room", type=Path, required=True, help="a folder with enough room")
    run.add_argument("--memory-gb", type=float, default=1.5)
    run.add_argument("--lance", action="store_true", help="measure a LanceDB gallery too")
    drawn = commands.add_parser("plot")
    drawn.add_argument("--out", type=Path, default=Path("reports/index_growth.png"))
    given = parser.parse_args()
    if given.command == "fit":
        fit_mixture(given.photos, given.out)
    elif given.command == "plot":
        given.out.parent.mkdir(parents=True, exist_ok=True)
        plot(given.out)
    else:
        given.room.mkdir(parents=True, exist_ok=True)
        memory_bytes = int(1e9 * given.memory_gb)
        run_index(Mixture(given.mixture), given.count, given.room, memory_bytes, given.lance)


if __name__ == "__main__":
    main()
