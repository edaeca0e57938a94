#!/usr/bin/env bash
# The runtime for programs elsewhere: what `make install-lib` installs is enough to build a controller with.
# shellcheck source=test/support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
# shellcheck source=test/support/tutorial.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tutorial.sh"

stands_alone() { # each installed header compiles by itself
    local h
    cd "$TMP/usr/include/dkube-runtime" || return
    for h in */*.h; do
        cc -std=gnu17 -Wall -Wextra -Werror -fsyntax-only -x c -I. "$h" || return
    done
}
says_nothing_of_here() { ! grep -rIl -e "$ROOT" "$TMP/usr/include" "$TMP/usr/lib/pkgconfig" "$TMP/usr/bin" "$TMP/usr/share"; }
is_short() { [ "$(wc -l <"$SITE/website.c")" -le 80 ]; }
builds_without_warnings() {
    local flags
    flags=$(pkg-config --cflags dkube-runtime)
    # shellcheck disable=SC2086
    for compiler in gcc clang; do
        command -v "$compiler" >/dev/null || continue
        "$compiler" -std=gnu17 -Wall -Wextra -Wshadow -Werror -fsyntax-only -I"$SITE" $flags "$SITE"/*.c || return
    done
}
answers() { has "$2" "$("$SITE/website" "$1")"; }
names_the_mistake() {
    local out
    ! out=$("$SITE/website" --kubeconfig=/nonexistent 2>&1) && has "/nonexistent" "$out"
}
honours_destdir() {
    make -s -C "$ROOT" MODE=dev install-lib DESTDIR="$TMP/stage" PREFIX=/opt/k >/dev/null &&
        has 'prefix=/opt/k' "$(cat "$TMP/stage/opt/k/lib/pkgconfig/dkube-runtime.pc")"
}
keeps_our_kinds_out() { ! nm "$TMP/usr/lib/libdkube-runtime.a" | grep -E 'kind_(dkuberun|pool)$'; }
has_probes() { # five probes with four arguments each
    local notes name
    notes=$(readelf -n "$SITE/website")
    for name in event enqueue plan send reply; do
        grep -A3 "Name: $name\$" <<<"$notes" | grep -qE 'Arguments: (8@[^ ]+ ){3}8@' || { echo "no probe $name"; return 1; }
        grep -B1 "Name: $name\$" <<<"$notes" | grep -q 'Provider: dkube' || return
    done
}
probes_are_nops() { # where a note says that a probe is, the program does nothing
    local at
    at=$(readelf -n "$SITE/website" | sed -n 's/.*Location: 0x0*\([0-9a-f]*\),.*/\1/p')
    [ "$(wc -l <<<"$at")" -ge 5 ] || return
    for a in $at; do
        objdump -d --start-address="0x$a" --stop-address="$((0x$a + 4))" "$SITE/website" | grep -qE "^ *$a:.*nop" || return
    done
}
refuses_nonsense() {
    echo 'a: b' >"$TMP/none.yaml"
    ! dkube-gen-api --out "$TMP/gen" "$TMP/none.yaml" 2>/dev/null && ! dkube-gen-api --out "$TMP/gen" 2>/dev/null
}

it "installs into a prefix" install_runtime
it "stages a package under DESTDIR without naming it" honours_destdir
it "has headers that compile by themselves" stands_alone
it "names no folder of the source tree in its texts" says_nothing_of_here
it "leaves DKube's own kinds out" keeps_our_kinds_out
it "gives the tutorial's files" take_files
it "builds the tutorial's controller as the page says" build_site
it "builds it without a warning" builds_without_warnings
it "makes a controller of at most 80 lines" is_short
it "prints its own version" answers --version "website 0.1"
it "prints its options" answers --help "--leader-elect"
it "says what is wrong with its kubeconfig" names_the_mistake
it "holds tracepoints at event, enqueue, plan, send and reply" has_probes
it "pays a nop for each while nobody traces" probes_are_nops
it "generates nothing from a file without kinds" refuses_nonsense
plan_done
