#!/usr/bin/env bash
# One unattended session on a GPU: is it right, how fast is it, does it touch what it should not.
#   bash kernels/gpu/session.sh              under eight minutes; needs torch, triton, numpy, pytest
#   bash kernels/gpu/session.sh --dry-run    no GPU: the same commands, launches through a stub driver
# OUT    where everything is written (default: gpu-session)     PY   the Python (default: python3)
# LIMIT  seconds for all stages together (default: 460)
# Every stage has its own limit, writes as it goes and stops none of the others; most wanted first.
# A tool that is not on the machine (compute-sanitizer, ncu) is named, not installed.
# Ends with 1 if a stage failed, with 0 if all that ran passed.
set -u
cd "$(dirname "$0")/../.." || exit 2
DRY=""
case "${1:-}" in
  "") ;;
  --dry-run) DRY=--dry-run ;;
  *) sed -n '2,8s/^# //p' "kernels/gpu/$(basename "$0")" >&2; exit 2 ;;
esac
PY=${PY:-python3}
OUT=${OUT:-gpu-session}
LIMIT=${LIMIT:-460}
mkdir -p "$OUT" || exit 2
OUT=$(cd "$OUT" && pwd)
CACHE=$(mktemp -d) || exit 2
trap 'rm -rf "$CACHE"' EXIT
export PYTHONPATH=$PWD:$PWD/kernels PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-4}
export TRITON_CACHE_DIR=$CACHE/triton TORCHINDUCTOR_CACHE_DIR=$CACHE/inductor PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
: > "$OUT/stages.txt"
FAILED=0

say() { echo "$*" | tee -a "$OUT/stages.txt"; }

stage() { # name, most seconds, command...
  local name=$1 most=$2 left=$((LIMIT - SECONDS)) started=$SECONDS code
  shift 2
  if ((left < 10)); then say "$name: left out, $left s left"; return; fi
  if ((most > left)); then most=$left; fi
  timeout --kill-after=5 "$most" "$@" > "$OUT/$name.log" 2>&1
  code=$?
  case $code in
    0) say "$name: passed, $((SECONDS - started)) s" ;;
    124 | 137) say "$name: ended at its limit of $most s"; FAILED=1 ;;
    *) say "$name: FAILED with $code, $((SECONDS - started)) s"; FAILED=1 ;;
  esac
  tail -n "${TAIL:-3}" "$OUT/$name.log" | cut -c1-200
}

tool() { # name, places where else to look: prints the path
  command -v "$1" && return
  for place in "${@:2}"; do [ -x "$place" ] && echo "$place" && return; done
  return 1
}

tests() { # every file of tests in a process of its own, eight at a time: most of it is compiling
  local files=(tests/kernels/test_*.py) each=0
  if [ -n "$DRY" ]; then files=(tests/kernels/test_gpu.py); fi
  printf '%s\n' "${files[@]}" | grep -v -e compile_gate -e test_scripts -e test_session |
    xargs -P 8 -I{} sh -c '"$0" -m pytest -c kernels/gpu/pytest.ini --rootdir . --confcutdir tests/kernels -q "$1"; c=$?; [ $c = 5 ] || exit $c' "$PY" {}
}

under() { # a sanitizer's tool; each tensor an allocation of its own, so that one element too far is seen
  local sanitizer
  if [ -n "$DRY" ]; then echo "dry run: $1 looks at the launches of the stage smoke"; return; fi
  sanitizer=$(tool compute-sanitizer /usr/local/cuda*/bin/compute-sanitizer /opt/nvidia/nsight-compute/*/compute-sanitizer) ||
    { echo "compute-sanitizer is not on this machine"; return; }
  PYTORCH_NO_CUDA_MEMORY_CACHING=1 "$sanitizer" --tool "$1" --kernel-regex kns=_kernel --error-exitcode 9 \
    "$PY" kernels/gpu/smoke.py --launch-only
}

profiler() {
  local ncu
  if [ -n "$DRY" ]; then "$PY" kernels/gpu/profiled.py --dry-run; return; fi
  ncu=$(tool ncu /usr/local/cuda*/bin/ncu /opt/nvidia/nsight-compute/*/ncu) || { echo "ncu is not on this machine"; return; }
  "$ncu" --clock-control none --kernel-name-base function --kernel-name regex:'_kernel$' --launch-count 8 --csv \
    --log-file "$OUT/ncu.csv" --metrics "$METRICS" "$PY" kernels/gpu/profiled.py
}
METRICS=gpu__time_duration.sum,launch__registers_per_thread
for unit in dram__throughput sm__throughput lts__throughput; do METRICS+=,$unit.avg.pct_of_peak_sustained_elapsed; done
for unit in sm__warps_active smsp__issue_active; do METRICS+=,$unit.avg.pct_of_peak_sustained_active; done

machine() {
  nvidia-smi || [ -n "$DRY" ] || return
  "$PY" -c 'import torch, triton; print("torch", torch.__version__, "triton", triton.__version__)'
}
export -f tests under profiler machine tool
export PY OUT DRY METRICS

REWARDS='reward|advantage|score' SEARCH='topk|nearest'
bench() { "$PY" kernels/bench/run.py $DRY --out "$OUT/gpu.csv" "$@"; }
export -f bench

stage machine 20 bash -c machine
TAIL=8 stage smoke 80 "$PY" kernels/gpu/smoke.py $DRY
TAIL=20 stage rewards 60 bash -c 'bench --providers ours --match "$0"' "$REWARDS"
TAIL=8 stage search 60 bash -c 'bench --providers ours --match "$0"' "$SEARCH"
stage tests 110 bash -c tests
stage memcheck 60 bash -c 'under memcheck'
stage racecheck 60 bash -c 'under racecheck'
TAIL=20 stage rivals 110 bash -c 'bench --providers rivals'
stage profiler 60 bash -c profiler
stage plot 20 "$PY" kernels/gpu/floors.py "$OUT/gpu.csv"
say "total $SECONDS s, in $OUT"
exit $FAILED
