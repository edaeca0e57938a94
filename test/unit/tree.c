/* The manifest of a folder: what parses, what does not, and what a folder becomes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/landing.h"
#include "store/tree.h"
#include "support/spec.h"

#define HEX_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define HEX_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define LINE(path) "100644 1 " HEX_A " " path "\n"

static int parse(const char *text, size_t n, struct err *e)
{
    struct arena a = {0};
    struct tree t;
    int r = tree_parse(&a, text, n, &t, e);
    arena_done(&a);
    return r;
}

#define refused(text)                                         \
    do {                                                      \
        struct err why;                                       \
        if (parse(text, sizeof(text) - 1, &why) == 0) {       \
            fail_msg("parsed, though it must not: %s", text); \
        }                                                     \
        assert_string_equal(why.reason, "InvalidTree");       \
    } while (0)

TEST(a_manifest_reads_back_as_the_same_text)
{
    static const char text[] = LINE("a") "100755 0 " HEX_EMPTY " b/run.sh\n" LINE("b/ü 1.txt");
    struct arena a = {0};
    struct tree t;
    struct err e;
    size_t n = 0;
    assert_ok(tree_parse(&a, text, sizeof(text) - 1, &t, &e), &e);
    assert_int_equal(t.count, 3);
    assert_int_equal(t.size, 2);
    assert_true(t.files[1].executable);
    assert_string_equal(t.files[2].path, "b/ü 1.txt");
    assert_string_equal(tree_text(&a, &t, &n), text);
    assert_int_equal(n, sizeof(text) - 1);
    arena_done(&a);
}

TEST(paths_that_could_leave_the_folder_are_refused)
{
    refused(LINE("../x"));
    refused(LINE("a/../../b"));
    refused(LINE("/etc/passwd"));
    refused(LINE("a//b"));
    refused(LINE("a/./b"));
    refused(LINE("."));
    refused(LINE("a/"));
    refused(LINE(""));
    refused("100644 1 " HEX_A " a\0.png\n");
}

TEST(names_that_upset_terminals_or_are_no_utf8_are_refused)
{
    refused(LINE("a\x1b[2J"));
    refused(LINE("a\tb"));
    refused(LINE("a\x7f"));
    refused(LINE("\xc0\xaf"));
    refused(LINE("\xed\xa0\x80"));
    refused(LINE("\xff"));
    refused(LINE("\xc2\x9b"));
}

TEST(only_the_canonical_form_parses)
{
    refused(LINE("b") LINE("a"));
    refused(LINE("a") LINE("a"));
    refused(LINE("a") LINE("a/b"));
    refused(LINE("a") LINE("a-b") LINE("a/b/c"));
    refused("100644 01 " HEX_A " a\n");
    refused("0100644 1 " HEX_A " a\n");
    refused("120000 1 " HEX_A " a\n");
    refused("100644 -1 " HEX_A " a\n");
    refused("100644 1  " HEX_A " a\n");
    refused("100644 1 CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB a\n");
    refused("100644 1 " HEX_A " a");
    refused("100644 1 " HEX_A " a\n\n");
    refused("100644 9999999999999999999 " HEX_A " a\n");
    refused("100644 999999999999999999 " HEX_A " a\n100644 999999999999999999 " HEX_A
            " b\n100644 999999999999999999 " HEX_A " c\n100644 999999999999999999 " HEX_A
            " d\n100644 999999999999999999 " HEX_A " e\n100644 999999999999999999 " HEX_A
            " f\n100644 999999999999999999 " HEX_A " g\n100644 999999999999999999 " HEX_A
            " h\n100644 999999999999999999 " HEX_A " i\n100644 999999999999999999 " HEX_A " j\n");
}

TEST(a_file_beside_a_folder_with_a_longer_name_is_fine)
{
    struct err e;
    static const char text[] = LINE("a") LINE("a-b/c") LINE("ab");
    assert_ok(parse(text, sizeof(text) - 1, &e), &e);
}

TEST(digests_are_told_from_other_texts)
{
    assert_string_equal(digest_hex("sha256:" HEX_A), HEX_A);
    assert_null(digest_hex(HEX_A));
    assert_null(digest_hex("sha256:" HEX_A "0"));
    assert_null(
        digest_hex("sha256:../../../../../../../../../../../../../../../../../../../etc/passwd"));
    assert_null(digest_hex(NULL));
}

/* --- Folders -------------------------------------------------------------------------------------
 */

static char top[64];

static void make_top(void)
{
    snprintf(top, sizeof(top), "/tmp/tree-test-XXXXXX");
    assert_non_null(mkdtemp(top));
}

static const char *below(const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/%s", top, name);
    return path;
}

static void put(const char *name, const char *text, mode_t mode)
{
    int fd = open(below(name), O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static int scan(struct arena *a, struct tree *t, struct err *e)
{
    int fd = open(top, O_RDONLY | O_DIRECTORY);
    int r = tree_scan(a, fd, NULL, t, e);
    close(fd);
    return r;
}

static void remove_top(void)
{
    int fd = open(top, O_RDONLY | O_DIRECTORY);
    assert_int_equal(beneath_clear(fd), 0);
    close(fd);
    assert_int_equal(rmdir(top), 0);
}

/* From here on the disk cannot read a folder. */
static int break_folders(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getdents64, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
               ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)
               : -1;
}

TEST(a_folder_that_cannot_be_read_to_its_end_is_no_shorter_folder)
{
    int status = 0;
    make_top();
    put("a", "a", 0644);
    pid_t child = fork();
    if (child == 0) {
        struct arena a = {0};
        struct tree t;
        struct err e = {0};
        bool told = break_folders() == 0 && scan(&a, &t, &e) < 0 && e.kind == ERR_RETRY;
        _exit(told ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    remove_top();
}

TEST(a_folder_becomes_its_files_in_order_with_modes_and_digests)
{
    struct arena a = {0};
    struct tree t;
    struct err e;
    size_t n;
    make_top();
    mkdir(below("sub"), 0755);
    mkdir(below("empty"), 0755);
    put("z", "a", 0644);
    put("sub/run", "", 0755);
    put(".hidden", "a", 0600);
    assert_int_equal(symlink("sub/run", below("link")), 0);
    assert_ok(scan(&a, &t, &e), &e);
    assert_string_equal(tree_text(&a, &t, &n), "100644 1 " HEX_A " .hidden\n"
                                               "100755 0 " HEX_EMPTY " link\n"
                                               "100755 0 " HEX_EMPTY " sub/run\n"
                                               "100644 1 " HEX_A " z\n");
    arena_done(&a);
    remove_top();
}

static void assert_unsuitable(const char *name)
{
    struct arena a = {0};
    struct tree t;
    struct err e;
    assert_int_equal(scan(&a, &t, &e), -1);
    assert_string_equal(e.reason, "UnsuitableFile");
    assert_non_null(strstr(e.text, name));
    arena_done(&a);
    assert_int_equal(unlink(below(name)), 0);
}

TEST(what_cannot_be_kept_is_named)
{
    make_top();
    put("good", "a", 0644);
    mkdir(below("folder"), 0755);
    assert_int_equal(symlink("/etc/passwd", below("absolute")), 0);
    assert_unsuitable("absolute");
    assert_int_equal(symlink("../../etc/passwd", below("up")), 0);
    assert_unsuitable("up");
    assert_int_equal(symlink("folder", below("to-folder")), 0);
    assert_unsuitable("to-folder");
    assert_int_equal(symlink("round", below("round")), 0);
    assert_unsuitable("round");
    assert_int_equal(symlink("nothing", below("dangling")), 0);
    assert_unsuitable("dangling");
    assert_int_equal(mkfifo(below("pipe"), 0644), 0);
    assert_unsuitable("pipe");
    put("bad\nname", "a", 0644);
    struct arena a = {0};
    struct tree t;
    struct err e;
    assert_int_equal(scan(&a, &t, &e), -1);
    assert_non_null(strstr(e.text, "'bad?name'"));
    arena_done(&a);
    remove_top();
}

/* --- beneath and landing -------------------------------------------------------------------------
 */

TEST(a_path_beneath_a_folder_does_not_follow_links_out_of_it)
{
    const char *name;
    make_top();
    int fd = open(top, O_RDONLY | O_DIRECTORY);
    assert_int_equal(symlink("/tmp", below("out")), 0);
    assert_int_equal(beneath_open(fd, "out", O_RDONLY), -1);
    assert_int_equal(beneath_open(fd, "../", O_RDONLY), -1);
    assert_int_equal(beneath_open(fd, "/etc/passwd", O_RDONLY), -1);
    assert_int_equal(beneath_parent(fd, "out/x", true, &name), -1);
    assert_int_equal(beneath_parent(fd, "../x", true, &name), -1);
    assert_int_equal(beneath_parent(fd, "a//x", true, &name), -1);
    int parent = beneath_parent(fd, "a/b/x", true, &name);
    assert_true(parent >= 0);
    assert_string_equal(name, "x");
    close(parent);
    close(fd);
    remove_top();
}

TEST(a_landing_replaces_what_was_there_all_or_nothing)
{
    struct landing l;
    struct err e;
    make_top();
    put("old", "a", 0644);
    assert_ok(landing_begin(&l, top, &e), &e);
    assert_int_equal(access(below("old"), F_OK), -1);
    assert_int_equal(mkdirat(l.part, "new", 0755), 0);
    assert_int_equal(access(below("new"), F_OK), -1);
    assert_ok(landing_commit(&l, &e), &e);
    assert_int_equal(access(below("new"), F_OK), 0);
    assert_ok(landing_begin(&l, top, &e), &e);
    assert_int_equal(mkdirat(l.part, "newer", 0755), 0);
    landing_abort(&l);
    assert_int_equal(rmdir(top), 0);
}

TEST(a_landing_refuses_the_root_and_relative_folders)
{
    struct landing l;
    struct err e;
    assert_int_equal(landing_begin(&l, "/", &e), -1);
    assert_int_equal(landing_begin(&l, "/..", &e), -1);
    assert_int_equal(landing_begin(&l, "tmp", &e), -1);
    assert_string_equal(e.reason, "BadFolder");
}

TEST(a_landing_refuses_a_way_back_up)
{
    struct landing l;
    struct err e = {0};
    make_top();
    assert_int_equal(landing_begin(&l, below("a/../b"), &e), -1);
    assert_string_equal(e.reason, "BadFolder");
    assert_int_equal(access(below("b"), F_OK), -1);
    assert_int_equal(landing_begin(&l, below("a/.."), &e), -1);
    assert_ok(landing_begin(&l, below("..a/b.."), &e), &e);
    landing_abort(&l);
    remove_top();
}

SPEC_MAIN()
