/* Which addresses are asked, and what of a repository's content is written: nothing of it is
 * trusted. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <git2.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/buf.h"
#include "git/checkout.h"
#include "git/net.h"
#include "git/url.h"
#include "support/spec.h"

/* --- URLs ----------------------------------------------------------------------------------------
 */

static const char *const good[] = {
    "https://git.example.com/team/repo.git",
    "http://git.demo.svc:8080/digits.git",
    "http://[2001:db8::1]:3000/a",
    "ssh://git@host.example:2222/team/repo.git",
    "ssh://host/repo",
    "git@host.example:team/repo.git",
    "https://host/%7Euser/repo.git",
    "https://host/a@b/c",
};

static const char *const bad[] = {
    "",
    "-u./payload",
    "--upload-pack=touch /tmp/x",
    "ssh://-oProxyCommand=touch/x",
    "ssh://git@-oProxyCommand=touch/x",
    "host:-repo",
    "git@host:-repo",
    "-git@host:repo",
    "ext::sh -c touch% /tmp/x",
    "ext::sh",
    "file:///etc",
    "/etc",
    "./repo",
    "../repo",
    "git://host/repo",
    "ftp://host/repo",
    "gopher://host/repo",
    "dict://host/repo",
    "scp://u:p@h/a",
    "http::one/x.git",
    "https:///one/x.git",
    "https://one?%0ahost=two/x.git",
    "https://one/x%0ahost=two",
    "https://one/x%00y",
    "https://one/x\ny",
    "https://one/x y",
    "https://one/x;`id`",
    "https://one",
    "https://one/",
    "https://one/x?y",
    "https://evil#@good/x",
    "https://user@host/x",
    "https://user:secret@host/x",
    "https://good@evil/x",
    "ssh://u:secret@host/x",
    "https://host:99999/x",
    "https://host:/x",
    "https://host:1a/x",
    "https://[::1/x",
    "https://[.a]/x",
    "https://[1:2]/x",
    "https://.host/x",
    "https://h\\ost/x",
    "HTTPS://host/x\x7f",
};

TEST(addresses_of_repositories_are_accepted)
{
    struct repo_url u;
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_ok(repo_url_check(good[i], "spec.url", &u, &e), &e);
    }
    assert_ok(repo_url_check("git@host.example:team/repo.git", "spec.url", &u, &e), &e);
    assert_true(u.ssh);
    assert_string_equal(u.host, "host.example");
    assert_ok(repo_url_check("http://[2001:db8::1]:3000/a", "spec.url", &u, &e), &e);
    assert_string_equal(u.host, "2001:db8::1");
}

TEST(addresses_that_could_mean_something_else_are_refused)
{
    struct repo_url u;
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (repo_url_check(bad[i], "spec.url", &u, &e) == 0) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_string_equal(e.reason, "InvalidURL");
        assert_int_equal(e.kind, ERR_INVALID);
        assert_null(strstr(e.text, "secret@"));
        assert_ptr_equal(strstr(e.text, "spec.url"), e.text);
    }
}

TEST(credentials_of_an_address_are_never_shown)
{
    struct arena a = {0};
    assert_string_equal(repo_url_shown(&a, "https://u:p@h/a"), "https://h/a");
    assert_string_equal(repo_url_shown(&a, "https://u:p@x@h/a@b"), "https://h/a@b");
    assert_string_equal(repo_url_shown(&a, "git@h:a"), "h:a");
    assert_string_equal(repo_url_shown(&a, "https://h/a"), "https://h/a");
    arena_done(&a);
}

/* --- Addresses -----------------------------------------------------------------------------------
 */

static const char *refusal(const char *host, bool allow_loopback)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *ai = NULL;
    if (getaddrinfo(host, "80", &hints, &ai) != 0) {
        fail_msg("%s is no address", host);
    }
    const char *why = net_refusal(ai->ai_addr, allow_loopback);
    freeaddrinfo(ai);
    return why;
}

TEST(addresses_that_reach_the_node_or_a_cloud_are_refused_in_every_spelling)
{
    static const char *const hosts[] = {"169.254.169.254",
                                        "::ffff:169.254.169.254",
                                        "0xa9fea9fe",
                                        "2852039166",
                                        "0251.0376.0251.0376",
                                        "127.1",
                                        "127.0.0.1",
                                        "::1",
                                        "::",
                                        "0.0.0.0",
                                        "0",
                                        "::127.0.0.1",
                                        "::ffff:127.0.0.1",
                                        "64:ff9b::7f00:1",
                                        "2002:7f00:1::",
                                        "fe80::1",
                                        "fd00:ec2::254",
                                        "100.100.100.200",
                                        "224.0.0.1",
                                        "255.255.255.255",
                                        "ff02::1",
                                        "64:ff9b::a9fe:a9fe"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        if (refusal(hosts[i], false) == NULL) {
            fail_msg("not refused: %s", hosts[i]);
        }
    }
}

TEST(private_and_public_addresses_are_fine)
{
    static const char *const hosts[] = {"10.0.0.1",     "192.168.1.1",    "172.16.0.1",
                                        "100.64.0.1",   "140.82.112.3",   "fd12::1",
                                        "2606:50c0::1", "::ffff:10.0.0.1"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        assert_null(refusal(hosts[i], false));
    }
}

TEST(the_api_server_is_refused)
{
    setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1", 1);
    assert_string_equal(refusal("10.96.0.1", true), "the API server");
    assert_string_equal(refusal("::ffff:10.96.0.1", true), "the API server");
    assert_null(refusal("10.96.0.2", false));
    setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
    assert_string_equal(refusal("fd00::1", false), "the API server");
    unsetenv("KUBERNETES_SERVICE_HOST");
}

TEST(tests_may_allow_loopback_and_nothing_else)
{
    assert_null(refusal("127.0.0.1", true));
    assert_null(refusal("::1", true));
    assert_non_null(refusal("169.254.169.254", true));
}

/* --- Content -------------------------------------------------------------------------------------
 */

static struct fixture {
    char top[64];
    git_repository *repo;
    int folder;
} f;

static const char *at(const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/%s", f.top, name);
    return path;
}

static void up(void)
{
    git_libgit2_init();
    snprintf(f.top, sizeof(f.top), "/tmp/git-test-XXXXXX");
    assert_non_null(mkdtemp(f.top));
    assert_int_equal(git_repository_init(&f.repo, at("repo"), 1), 0);
    assert_int_equal(mkdir(at("out"), 0755), 0);
    f.folder = open(at("out"), O_RDONLY | O_DIRECTORY);
}

static void down(void)
{
    close(f.folder);
    git_repository_free(f.repo);
    int fd = open(f.top, O_RDONLY | O_DIRECTORY);
    assert_int_equal(beneath_clear(fd), 0);
    close(fd);
    rmdir(f.top);
    git_libgit2_shutdown();
}

struct entry {
    const char *mode, *name;
    git_oid id;
};

static git_oid blob(const char *text)
{
    git_oid id;
    assert_int_equal(git_blob_create_from_buffer(&id, f.repo, text, strlen(text)), 0);
    return id;
}

/* A tree as an attacker writes it: libgit2's builder would refuse the names. */
static git_oid tree(const struct entry *entries, size_t n)
{
    git_odb *odb;
    git_oid id;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        assert_true(buf_printf(&b, "%s %s", entries[i].mode, entries[i].name) == 0);
        assert_int_equal(buf_add(&b, "", 1), 0);
        assert_int_equal(buf_add(&b, entries[i].id.id, GIT_OID_RAWSZ), 0);
    }
    assert_int_equal(git_repository_odb(&odb, f.repo), 0);
    assert_int_equal(git_odb_write(&id, odb, buf_str(&b), b.len, GIT_OBJECT_TREE), 0);
    git_odb_free(odb);
    buf_done(&b);
    return id;
}

static int check_out(const git_oid *id, struct repo_files *ret, struct err *e)
{
    git_tree *t = NULL;
    if (git_tree_lookup(&t, f.repo, id) < 0) {
        return err_set(e, ERR_INVALID, "UnsafeContent", "libgit2 refuses the tree");
    }
    struct checkout c = {.repo = f.repo, .tree = t, .folder = f.folder};
    int r = checkout_write(&c, ret, e);
    git_tree_free(t);
    return r;
}

static void assert_unsafe(const char *mode, const char *name, const char *content)
{
    struct repo_files n;
    struct err e;
    up();
    struct entry one = {mode, name, blob(content)};
    git_oid id = tree(&one, 1);
    if (check_out(&id, &n, &e) == 0) {
        fail_msg("written: %s -> %s", name, content);
    }
    assert_string_equal(e.reason, "UnsafeContent");
    down();
}

TEST(a_tree_becomes_files_links_and_folders)
{
    struct repo_files n;
    struct stat st;
    struct err e;
    char target[64] = "";
    up();
    struct entry inner[] = {{"100755", "run.sh", blob("#!")}, {"120000", "up", blob("../a")}};
    struct entry outer[] = {{"100644", "a", blob("one")},
                            {"160000", "module", blob("x")},
                            {"40000", "sub", tree(inner, 2)}};
    git_oid id = tree(outer, 3);
    assert_ok(check_out(&id, &n, &e), &e);
    assert_int_equal(n.files, 3);
    assert_int_equal(n.bytes, 5);
    assert_int_equal(n.submodules, 1);
    assert_int_equal(stat(at("out/sub/run.sh"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(readlink(at("out/sub/up"), target, sizeof(target) - 1), 4);
    assert_string_equal(target, "../a");
    assert_int_equal(stat(at("out/sub/up"), &st), 0);
    down();
}

TEST(names_that_some_file_system_takes_for_dot_git_are_refused)
{
    static const char *const names[] = {".git",
                                        ".GIT",
                                        ".Git",
                                        ".git.",
                                        ".git ",
                                        ".git. .",
                                        "git~1",
                                        "GIT~1",
                                        ".git::$INDEX_ALLOCATION",
                                        ".g\xe2\x80\x8cit",
                                        "\xef\xbb\xbf.git",
                                        ".git\xe2\x80\x8d",
                                        "..",
                                        "."};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(checkout_name_refused(names[i]));
        assert_unsafe("100644", names[i], "x");
    }
    assert_false(checkout_name_refused(".gitignore"));
    assert_false(checkout_name_refused(".github"));
    assert_false(checkout_name_refused("git"));
    assert_false(checkout_name_refused("..."));
    assert_false(checkout_name_refused(".git~1"));
}

TEST(links_that_lead_out_are_refused)
{
    assert_unsafe("120000", "a", "/etc/passwd");
    assert_unsafe("120000", "a", "..");
    assert_unsafe("120000", "a", "../../etc");
    assert_unsafe("120000", "a", "b/../../c");
    assert_unsafe("120000", "a", "a");
}

TEST(links_over_links_that_lead_out_together_are_refused)
{
    struct repo_files n;
    struct err e;
    up();
    struct entry deep[] = {{"120000", "top", blob("../../..")}};
    struct entry z[] = {{"40000", "z", tree(deep, 1)}};
    struct entry y[] = {{"40000", "y", tree(z, 1)}};
    struct entry outer[] = {{"120000", "m", blob("x/y/z/top/../..")}, {"40000", "x", tree(y, 1)}};
    git_oid id = tree(outer, 2);
    assert_int_equal(check_out(&id, &n, &e), -1);
    assert_string_equal(e.reason, "UnsafeContent");
    assert_non_null(strstr(e.text, "'m'"));
    down();
}

TEST(nothing_is_written_through_a_link_of_the_same_tree)
{
    struct repo_files n;
    struct err e;
    up();
    assert_int_equal(mkdir(at("outside"), 0755), 0);
    struct entry inner[] = {{"100644", "planted", blob("x")}};
    struct entry outer[] = {{"120000", "a", blob("../outside")}, {"40000", "a", tree(inner, 1)}};
    git_oid id = tree(outer, 2);
    assert_int_equal(check_out(&id, &n, &e), -1);
    assert_int_equal(access(at("outside/planted"), F_OK), -1);
    down();
}

TEST(a_name_that_stands_twice_is_refused)
{
    struct repo_files n;
    struct err e;
    up();
    struct entry two[] = {{"100644", "a", blob("x")}, {"100644", "a", blob("y")}};
    git_oid id = tree(two, 2);
    assert_int_equal(check_out(&id, &n, &e), -1);
    assert_string_equal(e.reason, "UnsafeContent");
    down();
}

SPEC_MAIN()
