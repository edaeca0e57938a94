/* The store over real HTTP and a real disk: only the question who calls is answered by the test. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/buf.h"
#include "base/limits.h"
#include "store/client.h"
#include "store/server.h"
#include "support/spec.h"

#define HEX_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define HEX_B "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct fixture {
    char top[64], url[64], token[96];
    struct blobs *blobs;
    struct server *server;
    int late_ms; /* verdicts come so much later, from another thread */
    int unsure;  /* so many verdicts are: nobody knows */
} f;

/* --- Who calls: the token is the namespace -------------------------------------------------------
 */

struct late {
    uint64_t ask;
    struct server_verdict v;
};

static void *answer_late(void *ctx)
{
    struct late *l = ctx;
    usleep((useconds_t)f.late_ms * 1000);
    server_answer(f.server, l->ask, &l->v);
    free(l);
    return NULL;
}

static bool auth(void *ctx, uint64_t ask, const char *token, struct server_verdict *ret)
{
    (void)ctx;
    *ret = (struct server_verdict){.status = 200};
    if (strcmp(token, "wrong") == 0) {
        ret->status = 401;
    }
    if (f.unsure > 0) {
        f.unsure--;
        ret->status = 503;
    }
    snprintf(ret->ns, sizeof(ret->ns), "%s", token);
    if (f.late_ms == 0) {
        return true;
    }
    struct late *l = calloc(1, sizeof(*l));
    pthread_t t;
    *l = (struct late){ask, *ret};
    assert_int_equal(pthread_create(&t, NULL, answer_late, l), 0);
    pthread_detach(t);
    return false;
}

/* --- Set-up --------------------------------------------------------------------------------------
 */

static const char *at(const char *name)
{
    static char path[4][512];
    static int i;
    i = (i + 1) % 4;
    snprintf(path[i], sizeof(path[i]), "%s/%s", f.top, name);
    return path[i];
}

static void put_file(const char *path, const char *p, size_t n, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), (ssize_t)n);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void use_token(const char *token)
{
    put_file(f.token, token, strlen(token), 0600);
}

static void up(void)
{
    struct err e;
    f = (struct fixture){.late_ms = 0};
    snprintf(f.top, sizeof(f.top), "/tmp/store-test-XXXXXX");
    assert_non_null(mkdtemp(f.top));
    snprintf(f.token, sizeof(f.token), "%s", at("token"));
    mkdir(at("root"), 0755);
    mkdir(at("in"), 0755);
    f.blobs = blobs_open(at("root"), &e);
    assert_non_null(f.blobs);
    f.server = server_start(
        &(struct server_conf){.listen = "127.0.0.1:0", .blobs = f.blobs, .auth = auth}, &e);
    assert_non_null(f.server);
    snprintf(f.url, sizeof(f.url), "http://127.0.0.1:%d", server_port(f.server));
    use_token("digits");
}

static void down(void)
{
    server_stop(f.server, 2000);
    blobs_close(f.blobs);
    int fd = open(f.top, O_RDONLY | O_DIRECTORY);
    assert_int_equal(beneath_clear(fd), 0);
    close(fd);
    rmdir(f.top);
}

static struct store_client *client(const char *ns)
{
    return store_client_new(&(struct store_client_conf){
        .url = f.url, .ns = ns, .token_file = f.token, .patience_ms = 1000});
}

/* --- Raw requests --------------------------------------------------------------------------------
 */

static size_t keep(char *p, size_t size, size_t n, void *ctx)
{
    return buf_add(ctx, p, size * n) < 0 ? 0 : size * n;
}

static long ask(const char *method, const char *path, const char *token, struct buf *body,
                const char *extra)
{
    CURL *c = curl_easy_init();
    char url[1024], head[256];
    long status = 0;
    struct buf reply;
    buf_init(&reply, 1 << 20);
    snprintf(url, sizeof(url), "%s%s", f.url, path);
    snprintf(head, sizeof(head), "Authorization: Bearer %s", token);
    struct curl_slist *h = curl_slist_append(NULL, token[0] != '\0' ? head : "X-None: 1");
    h = curl_slist_append(h, "Expect:");
    h = extra != NULL ? curl_slist_append(h, extra) : h;
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, h);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &reply);
    curl_easy_setopt(c, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, 10L);
    if (body != NULL && strcmp(method, "PUT") == 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)body->len);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, buf_str(body));
    }
    (void)curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(h);
    curl_easy_cleanup(c);
    if (body != NULL) {
        buf_clear(body);
        assert_int_equal(buf_add(body, buf_str(&reply), reply.len), 0);
    }
    buf_done(&reply);
    return status;
}

static long put(const char *path, const char *token, const char *text)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(buf_add(&b, text, strlen(text)), 0);
    long status = ask("PUT", path, token, &b, NULL);
    buf_done(&b);
    return status;
}

static long put_tree(const char *ns, const char *text)
{
    char hex[SHA256_HEX], path[256];
    sha256_hex(text, strlen(text), hex);
    snprintf(path, sizeof(path), "/v1/%s/trees/%s", ns, hex);
    return put(path, ns, text);
}

static long get(const char *path, const char *token)
{
    return ask("GET", path, token, NULL, NULL);
}

/* --- Folders -------------------------------------------------------------------------------------
 */

static void make_folder(void)
{
    static char large[3 << 20];
    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = (char)(i * 7 + i / 251);
    }
    mkdir(at("in/sub"), 0755);
    put_file(at("in/a"), "a", 1, 0644);
    put_file(at("in/empty"), "", 0, 0644);
    put_file(at("in/sub/run"), "b", 1, 0755);
    put_file(at("in/sub/large"), large, sizeof(large), 0600);
}

static void assert_same_folders(void)
{
    const char *in = at("in"), *out = at("out");
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execlp("diff", "diff", "-r", in, out, NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void there_and_back(void)
{
    struct store_client *c = client("digits");
    struct store_tree sent, back;
    struct stat st;
    struct err e;
    make_folder();
    assert_ok(store_put(c, at("in"), &sent, &e), &e);
    assert_int_equal(sent.files, 4);
    assert_int_equal(sent.size, (3 << 20) + 2);
    assert_ok(store_get(c, sent.digest, at("out"), &back, &e), &e);
    assert_string_equal(back.digest, sent.digest);
    assert_same_folders();
    assert_int_equal(stat(at("out/sub/run"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(stat(at("out/sub/large"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    store_client_free(c);
}

TEST(a_folder_comes_back_as_it_went)
{
    up();
    there_and_back();
    down();
}

TEST(a_verdict_that_comes_late_loses_no_byte)
{
    up();
    f.late_ms = 30;
    there_and_back();
    down();
}

static double received(void)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(ask("GET", "/metrics", "", &b, NULL), 200);
    const char *line = strstr(buf_str(&b), "dkube_store_bytes_total{direction=\"in\"} ");
    double v = line != NULL ? strtod(strchr(line, ' ') + 1, NULL) : 0;
    buf_done(&b);
    return v;
}

TEST(content_that_was_put_is_not_sent_again)
{
    struct store_tree t;
    struct err e;
    up();
    struct store_client *c = client("digits");
    make_folder();
    assert_ok(store_put(c, at("in"), &t, &e), &e);
    double first = received();
    assert_true(first > 3 << 20);
    put_file(at("in/more"), "b", 1, 0644);
    assert_ok(store_put(c, at("in"), &t, &e), &e);
    assert_true(received() - first < 2000);
    store_client_free(c);
    down();
}

TEST(an_empty_or_missing_folder_is_told)
{
    struct store_tree t;
    struct err e;
    up();
    struct store_client *c = client("digits");
    mkdir(at("in/only-folders"), 0755);
    assert_int_equal(store_put(c, at("in"), &t, &e), -1);
    assert_string_equal(e.reason, "EmptyFolder");
    assert_int_equal(store_put(c, at("nowhere"), &t, &e), -1);
    assert_string_equal(e.reason, "EmptyFolder");
    store_client_free(c);
    down();
}

/* --- Who may
 * --------------------------------------------------------------------------------------*/

TEST(a_namespace_uses_only_its_own_part)
{
    up();
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "digits", "a"), 201);
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "other", "a"), 403);
    assert_int_equal(ask("HEAD", "/v1/digits/blobs/" HEX_A, "other", NULL, NULL), 403);
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "wrong", "a"), 401);
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "", "a"), 401);
    assert_int_equal(ask("HEAD", "/v1/other/blobs/" HEX_A, "other", NULL, NULL), 404);
    assert_int_equal(ask("HEAD", "/v1/digits/blobs/" HEX_A, "digits", NULL, NULL), 200);
    down();
}

TEST(knowing_a_digest_grants_nothing)
{
    static const char text[] = "100644 1 " HEX_A " a\n";
    char hex[SHA256_HEX], path[256];
    up();
    sha256_hex(text, strlen(text), hex);
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "digits", "a"), 201);
    assert_int_equal(put("/v1/digits/blobs/" HEX_B, "digits", "b"), 201);
    assert_int_equal(put_tree("digits", text), 201);
    assert_int_equal(put_tree("other", text), 409);
    snprintf(path, sizeof(path), "/v1/digits/trees/%s/blobs/%s", hex, HEX_A);
    assert_int_equal(get(path, "digits"), 200);
    snprintf(path, sizeof(path), "/v1/digits/trees/%s/blobs/%s", hex, HEX_B);
    assert_int_equal(get(path, "digits"), 404);
    snprintf(path, sizeof(path), "/v1/other/trees/%s/blobs/%s", hex, HEX_A);
    assert_int_equal(get(path, "other"), 404);
    snprintf(path, sizeof(path), "/v1/other/trees/%s", hex);
    assert_int_equal(get(path, "other"), 404);
    down();
}

/* --- What is wrong -------------------------------------------------------------------------------
 */

static int files_below(const char *name)
{
    char command[600];
    int n = 0;
    snprintf(command, sizeof(command), "%s", at(name));
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 1);
        execlp("find", "find", command, "-type", "f", "-printf", "x", NULL);
        _exit(127);
    }
    close(pipes[1]);
    char c;
    while (read(pipes[0], &c, 1) == 1) {
        n++;
    }
    close(pipes[0]);
    waitpid(child, NULL, 0);
    return n;
}

TEST(content_of_another_digest_leaves_nothing_behind)
{
    up();
    assert_int_equal(put("/v1/digits/blobs/" HEX_B, "digits", "a"), 422);
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "digits", ""), 422);
    assert_int_equal(put("/v1/digits/trees/" HEX_A, "digits", "100644 1 " HEX_A " a\n"), 422);
    assert_int_equal(files_below("root/blobs"), 0);
    assert_int_equal(files_below("root/tmp"), 0);
    assert_int_equal(files_below("root/ns"), 0);
    down();
}

TEST(manifests_that_lie_are_refused)
{
    up();
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "digits", "a"), 201);
    assert_int_equal(put_tree("digits", "100644 1 " HEX_A " ../../etc/passwd\n"), 422);
    assert_int_equal(put_tree("digits", "100644 2 " HEX_A " a\n"), 422);
    assert_int_equal(put_tree("digits", "100644 1 " HEX_B " b\n"), 409);
    assert_int_equal(put_tree("digits", "nonsense"), 422);
    down();
}

TEST(paths_are_taken_literally_or_not_at_all)
{
    up();
    assert_int_equal(get("/v1/digits/trees/../../../../etc/passwd", "digits"), 404);
    assert_int_equal(get("/v1/digits/trees/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "digits"), 404);
    assert_int_equal(get("/v1/digits/trees/%252e%252e", "digits"), 404);
    assert_int_equal(get("/v1/DIGITS/trees/" HEX_A, "DIGITS"), 404);
    assert_int_equal(get("/v1/../trees/" HEX_A, ".."), 404);
    assert_int_equal(get("/v1/digits/blobs/" HEX_A, "digits"), 405);
    assert_int_equal(ask("DELETE", "/v1/digits/blobs/" HEX_A, "digits", NULL, NULL), 405);
    assert_int_equal(get("/", ""), 404);
    down();
}

TEST(a_put_without_a_length_or_with_too_much_is_refused_at_once)
{
    struct buf b;
    up();
    buf_init(&b, 1 << 20);
    assert_int_equal(
        ask("PUT", "/v1/digits/blobs/" HEX_A, "digits", &b, "Transfer-Encoding: chunked"), 411);
    assert_int_equal(ask("PUT", "/v1/digits/blobs/" HEX_A, "digits", &b, "Content-Length: -1"),
                     411);
    assert_int_equal(
        ask("PUT", "/v1/digits/blobs/" HEX_A, "digits", &b, "Content-Length: 99999999999999"), 413);
    assert_int_equal(
        ask("PUT", "/v1/digits/trees/" HEX_A, "digits", &b, "Content-Length: 99999999"), 413);
    buf_done(&b);
    down();
}

static void flip(const char *path)
{
    int fd = open(path, O_RDWR);
    char c;
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, 0), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, 0), 1);
    close(fd);
}

TEST(a_bit_that_flips_on_disk_is_noticed_and_healed_by_putting_again)
{
    struct store_tree t, back;
    struct err e;
    up();
    struct store_client *c = client("digits");
    put_file(at("in/a"), "a", 1, 0644);
    assert_ok(store_put(c, at("in"), &t, &e), &e);
    flip(at("root/blobs/ca/" HEX_A));
    assert_int_equal(store_get(c, t.digest, at("out"), &back, &e), -1);
    assert_string_equal(e.reason, "DigestMismatch");
    assert_int_equal(files_below("out"), 0);
    assert_int_equal(put("/v1/digits/blobs/" HEX_A, "digits", "a"), 201);
    assert_ok(store_get(c, t.digest, at("out"), &back, &e), &e);
    char tree[256];
    snprintf(tree, sizeof(tree), "root/ns/digits/trees/%s", t.digest + 7);
    flip(at(tree));
    assert_int_equal(store_get(c, t.digest, at("out"), &back, &e), -1);
    assert_string_equal(e.reason, "DigestMismatch");
    store_client_free(c);
    down();
}

TEST(a_refused_token_and_an_unknown_tree_end_without_patience)
{
    struct store_tree back;
    struct err e;
    up();
    struct store_client *c = client("digits");
    assert_int_equal(store_get(c, "sha256:" HEX_A, at("out"), &back, &e), -1);
    assert_string_equal(e.reason, "NoSuchTree");
    use_token("other\n");
    assert_int_equal(store_get(c, "sha256:" HEX_A, at("out"), &back, &e), -1);
    assert_string_equal(e.reason, "Forbidden");
    store_client_free(c);
    down();
}

TEST(patience_begins_when_the_store_fails_not_when_it_last_answered)
{
    struct store_tree t;
    struct err e;
    up();
    struct store_client *c = client("digits");
    put_file(at("in/a"), "a", 1, 0644);
    usleep(1200000); /* more than the patience: hashing takes so long, or a large file */
    f.unsure = 1;
    assert_ok(store_put(c, at("in"), &t, &e), &e);
    store_client_free(c);
    down();
}

TEST(content_that_the_store_did_not_take_is_not_called_kept)
{
    struct store_tree t;
    struct err e;
    up();
    struct store_client *c = client("No_Namespace");
    put_file(at("in/a"), "a", 1, 0644);
    assert_int_equal(store_put(c, at("in"), &t, &e), -1);
    assert_string_equal(e.reason, "NotFound");
    store_client_free(c);
    down();
}

/* --- Connections ---------------------------------------------------------------------------------
 */

static int dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server_port(f.server)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval most = {.tv_sec = 2};
    int fd = socket(AF_INET, SOCK_STREAM, 0), room = 1 << 16;
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* How many replies come before the connection ends or is silent. */
static int replies_to(const char *head, const char *body)
{
    char room[8192], request[1024];
    size_t n = 0;
    int count = 0, fd = dial();
    struct timeval most = {.tv_usec = 300000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
    snprintf(
        request, sizeof(request),
        "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Length: %zu\r\n\r\n%s",
        head, strlen(body), body);
    say(fd, request);
    for (ssize_t got = 1; got > 0 && n<sizeof(room) - 1; n += got> 0 ? (size_t)got : 0) {
        got = recv(fd, room + n, sizeof(room) - 1 - n, 0);
    }
    room[n] = '\0';
    close(fd);
    for (const char *p = room; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++) {
        count++;
    }
    return count;
}

TEST(a_body_is_never_taken_for_the_next_request)
{
    static const char body[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    up();
    assert_int_equal(replies_to("GET /healthz", ""), 1);
    assert_int_equal(replies_to("PUT /v1/digits/blobs/" HEX_A, body), 1);
    assert_int_equal(replies_to("PUT /nowhere", body), 1);
    assert_int_equal(replies_to("DELETE /v1/digits/blobs/" HEX_A, body), 1);
    assert_int_equal(replies_to("GET /healthz", body), 1);
    assert_int_equal(replies_to("GET /v1/digits/trees/" HEX_A, body), 1);
    down();
}

enum { LARGE = 24 << 20 };

/* Asks for a large file; what is read at first. */
static int ask_for_a_large_file(void)
{
    struct store_tree t;
    struct err e;
    char hex[SHA256_HEX], request[512];
    char *zeros = calloc(1, LARGE);
    sha256_hex(zeros, LARGE, hex);
    put_file(at("in/large"), zeros, LARGE, 0644);
    free(zeros);
    struct store_client *c = client("digits");
    assert_ok(store_put(c, at("in"), &t, &e), &e);
    store_client_free(c);
    int fd = dial();
    f.late_ms = 10;
    snprintf(request, sizeof(request),
             "GET /v1/digits/trees/%s/blobs/%s HTTP/1.1\r\nHost: x\r\n"
             "Authorization: Bearer digits\r\n\r\n",
             t.digest + 7, hex);
    say(fd, request);
    return fd;
}

static int64_t read_large(int fd, int pause_ms)
{
    static char room[1 << 20];
    int64_t total = 0;
    for (;;) {
        ssize_t n = recv(fd, room, sizeof(room), total < LARGE - (1 << 20) ? MSG_WAITALL : 0);
        total += n > 0 ? n : 0;
        if (n <= 0 || total >= LARGE) {
            return total;
        }
        usleep((useconds_t)pause_ms * 1000);
    }
}

TEST(a_slow_reader_gets_all_of_a_large_file)
{
    limits_scale(30); /* before the server's thread reads them */
    up();
    int fd = ask_for_a_large_file();
    assert_true(read_large(fd, 200) >= LARGE);
    close(fd);
    down();
    limits_scale(1);
}

TEST(a_reader_that_takes_nothing_is_dropped)
{
    limits_scale(30); /* before the server's thread reads them */
    up();
    int fd = ask_for_a_large_file();
    usleep(4000000);
    assert_true(read_large(fd, 0) < LARGE);
    close(fd);
    down();
    limits_scale(1);
}

/* --- Many at once, and ends ----------------------------------------------------------------------
 */

static void *put_many(void *ctx)
{
    long *ret = ctx;
    for (int i = 0; i < 25; i++) {
        *ret += put("/v1/digits/blobs/" HEX_A, "digits", "a") == 201;
        *ret += get("/healthz", "") == 200;
    }
    return NULL;
}

TEST(many_may_put_the_same_content_at_once)
{
    pthread_t threads[4];
    long done[4] = {0};
    up();
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &done[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(done[i], 50);
    }
    assert_int_equal(files_below("root/blobs"), 1);
    assert_int_equal(files_below("root/tmp"), 0);
    down();
}

TEST(a_folder_has_one_store_and_its_leftovers_go_at_the_start)
{
    struct err e;
    up();
    assert_null(blobs_open(at("root"), &e));
    assert_string_equal(e.reason, "FolderInUse");
    struct blob_in *in = blobs_begin(f.blobs, "digits", HEX_A, &e);
    assert_non_null(in);
    put_file(at("root/tmp/left"), "a", 1, 0644);
    blobs_abort(in);
    server_stop(f.server, 1000);
    blobs_close(f.blobs);
    f.blobs = blobs_open(at("root"), &e);
    assert_non_null(f.blobs);
    assert_int_equal(files_below("root/tmp"), 0);
    f.server = NULL;
    down();
}

TEST(a_store_that_stays_away_is_an_error_that_may_be_tried_again)
{
    struct store_tree t;
    struct err e;
    up();
    struct store_client *c = client("digits");
    put_file(at("in/a"), "a", 1, 0644);
    server_stop(f.server, 1000);
    f.server = NULL;
    assert_int_equal(store_put(c, at("in"), &t, &e), -1);
    assert_string_equal(e.reason, "StoreUnavailable");
    assert_int_equal(e.kind, ERR_RETRY);
    store_client_free(c);
    down();
}

SPEC_MAIN()
