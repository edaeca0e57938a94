# shellcheck shell=bash
# The tutorial as its reader has it: the runtime installed in $TMP/usr, the page's files in $TMP/site, built there.
# Needs tap.sh. Nothing of the source tree is on the compiler's path.

PAGE=$ROOT/docs/tutorial/your-first-controller.md
SITE=$TMP/site
export PKG_CONFIG_PATH=$TMP/usr/lib/pkgconfig
export PATH=$TMP/usr/bin:$PATH

install_runtime() { make -s -C "$ROOT" MODE=dev install-lib PREFIX="$TMP/usr" DESTDIR=; }
take_files() { "$ROOT/hack/tutorial" "$PAGE" "$SITE"; }
build_site() { (cd "$SITE" && sh -e build.sh); }
