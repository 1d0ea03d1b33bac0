# What `run` and `invoke` begin with: the folders, what comes from PyPI, and the functions as they are
# deployed. It is sourced.

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
work=$PWD/target/deploy
here=$PWD/functions/tests/deploy
stage=$work/stage
built=${CARGO_TARGET_DIR:-$PWD/target}/debug
sam=$work/sam/bin/sam
export PYTHONDONTWRITEBYTECODE=1 SAM_CLI_TELEMETRY=0
mkdir -p "$work"

# Each of these wants its own version of the AWS SDK, and so its own environment.
source .ci/venv.sh
install_sam() { venv "$work/sam" aws-sam-cli==1.170.0; }

# A place of its own, so that a debug build never lies where a deployment to AWS takes its own from.
stage_functions() {
  cargo build --locked --workspace --all-targets
  rm -rf "$stage"
  mkdir -p "$stage"
  cp template.yaml samconfig.toml "$stage"
  for source in functions/src/bin/*.rs; do
    name=$(basename "$source" .rs)
    mkdir -p "$stage/target/lambda/$name"
    strip -o "$stage/target/lambda/$name/bootstrap" "$built/$name"
  done
}
