#!/bin/sh
# Starts PostgreSQL: makes the cluster on an empty volume, sees to the roles and the database of DKube
# (so that a changed Secret takes effect at the next start), then becomes the server.
set -eu

bin=/usr/lib/postgresql/15/bin
data=/var/lib/postgresql/data/15
sockets=/var/run/postgresql
export PATH="$bin:$PATH" PGHOST="$sockets" PGUSER=postgres PGDATABASE=postgres
umask 077

if [ ! -s "$data/PG_VERSION" ]; then
    # made beside and then renamed: a volume holds a whole cluster or none
    rm -rf "$data.new"
    initdb --pgdata="$data.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
        --data-checksums --auth-local=peer --auth-host=scram-sha-256
    echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
    mv "$data.new" "$data"
fi

# no TCP yet: nobody sees the database before the roles are right
rm -f "$data/postmaster.pid"
pg_ctl --pgdata="$data" --wait --silent --options="-c listen_addresses='' -k $sockets" start
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 <<'SQL'
\set password `cat /etc/dkube-postgres/password`
\set reader `cat /etc/dkube-postgres/reader-password 2>/dev/null || true`
SELECT 'CREATE ROLE ' || r FROM unnest(ARRAY['dkube_writer', 'dkube_reader']) r
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec
ALTER ROLE dkube_writer LOGIN PASSWORD :'password';
SELECT :'reader' <> '' AS reader_may_sign_in \gset
\if :reader_may_sign_in
ALTER ROLE dkube_reader LOGIN PASSWORD :'reader';
\else
ALTER ROLE dkube_reader NOLOGIN;
\endif
ALTER ROLE dkube_reader SET default_transaction_read_only = on;
SELECT 'CREATE DATABASE dkube OWNER dkube_writer'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'dkube') \gexec
REVOKE ALL ON DATABASE dkube FROM PUBLIC;
GRANT CONNECT ON DATABASE dkube TO dkube_reader;
SQL
pg_ctl --pgdata="$data" --wait --silent --mode=fast stop

exec postgres -D "$data" -k "$sockets" -c listen_addresses='*' -c password_encryption=scram-sha-256
