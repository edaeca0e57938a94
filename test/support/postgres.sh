# shellcheck shell=bash
# A PostgreSQL of the test's own on a UNIX socket; nothing listens on the network. Sets PGURL.

postgres_bin() {
    local dir
    dir=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
    [ -n "$dir" ] || die "no PostgreSQL server here: hack/deps test installs it"
    echo "$dir/$1"
}

# The server refuses to run as root: then it runs as nobody.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
    else
        "$@"
    fi
}

postgres_init() {
    chmod 755 "$TMP"
    mkdir -p "$TMP/pg"
    [ "$(id -u)" != 0 ] || chown nobody "$TMP/pg"
    as_nobody "$(postgres_bin initdb)" -D "$TMP/pg/data" -U dkube -A trust -E UTF8 --no-sync >"$TMP/pg.log"
    PGURL="postgresql:///postgres?host=$TMP/pg&user=dkube"
}

postgres_start() {
    as_nobody "$(postgres_bin postgres)" -D "$TMP/pg/data" -k "$TMP/pg" -c listen_addresses= -c fsync=off \
        </dev/null >>"$TMP/pg.log" 2>&1 &
    eventually 20 psql "$PGURL" -Atqc 'SELECT 1'
}

# A fast shutdown: connections are cut, as when a node is drained.
postgres_stop() {
    local pid
    pid=$(head -1 "$TMP/pg/data/postmaster.pid" 2>/dev/null) || return 0
    kill -INT "$pid"
    eventually 20 test ! -e "$TMP/pg/data/postmaster.pid"
}
