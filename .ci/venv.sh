# Defines `venv FOLDER PACKAGE...`: creates a Python virtual environment with exactly these PyPI packages, and
# recreates it if the list changes. Source this file.
venv() {
  local folder=$1
  shift
  if [[ "$(cat "$folder/installed" 2>/dev/null)" == "$*" ]]; then
    return
  fi
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    [[ $(id -u) == 0 ]] || { echo "python3 has no venv: apt-get install python3-venv" >&2; exit 1; }
    apt-get -qq update
    apt-get -qq install python3-venv >/dev/null
  fi
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
  echo "$*" > "$folder/installed"
}

# Installs cargo-lambda, with the zig that it links with, and puts it on the path.
cargo_lambda() {
  venv target/build/cargo-lambda cargo-lambda==1.9.2 ziglang==0.17.1
  PATH=$PWD/target/build/cargo-lambda/bin:$PATH
}

# Makes the environment of the Python peers of the benchmark.
python_peers() {
  # shellcheck disable=SC2046 # one argument per package
  venv target/bench/peers/venv $(sed 's/#.*//' bench/peers/fastapi/requirements.txt)
}
